#include "storage/wal/durability.h"

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

std::vector<Durability::Done> Durability::Succeed(LogPosition position) {
  decided_below_ = {position.segment, position.record + 1};
  return TakeWaitersBelow(decided_below_);
}

std::vector<Durability::Done> Durability::Fail(LogPosition end, const Status& cause) {
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

std::vector<Durability::Done> Durability::TakeWaitersBelow(LogPosition end) {
  std::vector<Done> taken;
  const auto stop = waiters_.lower_bound(end);
  for (auto waiter = waiters_.begin(); waiter != stop; ++waiter) {
    taken.push_back(std::move(waiter->second));
  }
  waiters_.erase(waiters_.begin(), stop);
  return taken;
}

}  // namespace skald::storage
