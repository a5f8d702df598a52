// Knows which log positions are durable, which failed, and who waits to hear it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "storage/base/status.h"
#include "storage/model/ids.h"

namespace skald::storage {

// Threads: externally synchronised. Calls no callback itself: it hands them out, so that the caller
// can run them without its lock.
class Durability {
 public:
  using Done = absl::AnyInvocable<void(Status)>;
  using Waiters = std::multimap<LogPosition, Done>;  // each by the position that it waits for

  // Whether the record at `position` is durable (OK) or failed; nullopt: not decided yet.
  std::optional<Status> Outcome(LogPosition position) const;

  // Keeps `done` until the outcome is known. REQUIRES: it is not known yet.
  void Wait(LogPosition position, Done done);

  // Every undecided position up to `position` is durable. Returns who waited for them. Needs no
  // memory.
  Waiters Succeed(LogPosition position);

  // Every undecided position below `end` failed with `cause`. Returns who waited for them. Where
  // memory runs out nothing is decided.
  Waiters Fail(LogPosition end, const Status& cause);

  // The answers about segments below this are no longer asked for: their rows are in parts.
  void ForgetFailuresBelow(uint64_t segment);

 private:
  // The positions in [begin, end) failed.
  struct Failure {
    LogPosition begin;
    LogPosition end;
    Status cause;
  };

  Waiters TakeWaitersBelow(LogPosition end);

  LogPosition decided_below_;
  std::vector<Failure> failures_;
  Waiters waiters_;
};

}  // namespace skald::storage
