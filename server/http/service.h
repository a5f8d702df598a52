// What the transport asks of the program behind it.
//
// For each request the service is asked twice on the network thread, and must not block there:
// once when the head has arrived, whether it wants the body, and once to answer. The answer may
// come later and from any thread.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "server/http/request.h"
#include "server/http/response.h"
#include "storage/base/status.h"
#include "storage/base/stop.h"

namespace skald::http {

// One request in the service's hands. Lives until its response has been handed over.
class Exchange {
 public:
  using Respond = absl::AnyInvocable<void(Response)>;
  virtual ~Exchange() = default;

  // A longer body is refused.
  virtual uint64_t max_body_bytes() const = 0;

  // The answer to a body that cannot be taken, for which Handle is then not called: an error with
  // HTTP status 413 (too long), or ResourceExhausted (no memory now).
  virtual Response Refuse(const Status& error) = 0;

  // Answers: calls `respond` exactly once. `request` stays until then.
  virtual void Handle(const Request& request, Respond respond) = 0;

  // Told to stop when the client hangs up before the answer is there; null when the work shall be
  // finished all the same.
  virtual StopToken* stop_token() { return nullptr; }
};

// An answer without the body, or an exchange that wants it.
struct Admission {
  Response response;
  std::unique_ptr<Exchange> exchange;  // null: `response` is the answer
};

// Threads: thread-safe.
class Service {
 public:
  virtual ~Service() = default;
  // Judges a request by its head. Must not block.
  virtual Admission Admit(const Request& head) = 0;
};

}  // namespace skald::http
