#include "storage/wal/durability.h"

#include <algorithm>
#include <utility>

#include "storage/base/check.h"

namespace skald::storage {

std::optional<Status> Durability::Outcome(LogPosition position) const {
  if (position >= decided_below_) return std::nullopt;
  for (const Failure& failure : failures_) {
    if (failure.begin <= position && position < failure.end) return failure.cause;
  }
  return absl::OkStatus();
}

void Durability::Wait(LogPosition position, Done done) {
  SKALD_DCHECK(position >= decided_below_);
  waiters_.emplace(position, std::move(done));
}

Durability::Waiters Durability::Succeed(LogPosition position) {
  decided_below_ = std::max(decided_below_, LogPosition{position.segment, position.record + 1});
  return TakeWaitersBelow(decided_below_);
}

Durability::Waiters Durability::Fail(LogPosition end, const Status& cause) {
  if (!failures_.empty() && failures_.back().end == decided_below_) {
    failures_.back().end = end;
  } else {
    failures_.push_back({decided_below_, end, cause});
  }
  decided_below_ = end;
  return TakeWaitersBelow(end);
}

void Durability::ForgetFailuresBelow(uint64_t segment) {
  std::erase_if(failures_, [&](const Failure& failure) {
    return failure.end <= LogPosition{segment, 0};
  });
}

Durability::Waiters Durability::TakeWaitersBelow(LogPosition end) {
  Waiters taken;
  while (!waiters_.empty() && waiters_.begin()->first < end) {
    taken.insert(taken.end(), waiters_.extract(waiters_.begin()));
  }
  return taken;
}

}  // namespace skald::storage
