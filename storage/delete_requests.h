// Delete requests as clients make, list and cancel them.
//
// An accepted request hides every row logged before it that it means; a row that is pushed again
// afterwards is shown. Compaction removes hidden rows once the request can no longer be cancelled;
// when none is left, the request is processed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"
#include "storage/delete_predicate.h"

namespace skald::storage {

struct DeleteOptions {
  // Compiles the requests' texts, at start those of earlier ones too. Must outlive the engine.
  // Null: requests are refused.
  DeleteCompiler* compiler = nullptr;
  // How long after its creation a request can be cancelled.
  int64_t cancel_period_nanos = int64_t{24} * 3600 * 1'000'000'000;
  // Whether a tenant's hidden rows may be removed from disk. Null: always. Threads: any.
  std::function<bool(std::string_view tenant)> may_remove;
};

struct DeleteSpec {
  std::string query;
  int64_t start = 0;  // ns, inclusive
  int64_t end = 0;    // ns, inclusive
};

struct DeleteInfo {
  std::string id;  // eight hexadecimal digits
  DeleteSpec spec;
  int64_t created_at = 0;  // wall ns
  bool processed = false;
};

// Threads: thread-safe.
class DeleteRequests {
 public:
  virtual ~DeleteRequests() = default;

  // Accepts a request and returns its id: it is durable, and what it means is hidden. Waits for the
  // memtable to be flushed. InvalidArgument: the query does not compile. ResourceExhausted: the
  // tenant has too many requests. Unavailable: the disk failed, or the engine is closed.
  virtual StatusOr<std::string> Create(std::string_view tenant, const DeleteSpec& spec) = 0;

  // The tenant's requests in the order of their creation. Those processed over 30 days ago may have
  // been forgotten.
  virtual std::vector<DeleteInfo> List(std::string_view tenant) const = 0;

  // Takes a request back: its rows are shown again, as far as they have not been removed. NotFound:
  // no such request. FailedPrecondition: it is processed, or past the cancel period and not
  // `force`.
  virtual Status Cancel(std::string_view tenant, std::string_view id, bool force) = 0;
};

}  // namespace skald::storage
