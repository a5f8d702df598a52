#include "storage/compact/merge_backoff.h"

#include <algorithm>

namespace skald::storage {
namespace {

constexpr int64_t kFirstDelay = int64_t{10} * 1'000'000'000;
constexpr int64_t kLongestDelay = int64_t{600} * 1'000'000'000;

}  // namespace

void MergeBackoff::NoteFailure(FileNumber part, int64_t now) {
  std::erase_if(parts_, [&](const auto& entry) {
    return now - entry.second.until > kLongestDelay;  // merged since then, or removed
  });
  Wait& wait = parts_[part];
  wait.delay = std::clamp(wait.delay * 2, kFirstDelay, kLongestDelay);
  wait.until = now + wait.delay;
}

bool MergeBackoff::IsWaiting(FileNumber part, int64_t now) const {
  const auto wait = parts_.find(part);
  return wait != parts_.end() && now < wait->second.until;
}

}  // namespace skald::storage
