// What the transport asks of the program behind it.
//
// For each request the service is asked on the network thread, and must not block there: when the
// head has arrived, whether it wants the body; then, if it says so, whether the client is who it
// says; and at last to answer. Answers may come later and from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

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

  // Whether the client must be verified before its body is read.
  virtual bool must_verify() const { return false; }
  // Verifies it: calls `done` exactly once, from any thread, with the answer that turns it away, or
  // with none. Called when must_verify() was true.
  using Verified = absl::AnyInvocable<void(std::optional<Response>)>;
  virtual void Verify(Verified done) { done(std::nullopt); }

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
