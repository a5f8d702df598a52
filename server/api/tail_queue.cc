#include "server/api/tail_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace skald::api {

TailQueue::TailQueue(TailFormat format, MemoryBudget* memory)
    : format_(std::move(format)),
      memory_(memory),
      max_bytes_(memory == nullptr ? kMaxBytes : std::min<size_t>(kMaxBytes, memory->limit() / 8)) {
}

TailQueue::~TailQueue() { Discharge(bytes_); }

bool TailQueue::Charge(size_t bytes) {
  if (memory_ != nullptr && !memory_->Take(bytes).ok()) return false;
  bytes_ += bytes;
  return true;
}

void TailQueue::Discharge(size_t bytes) {
  if (memory_ != nullptr) memory_->Give(bytes);
  bytes_ -= bytes;
}

void TailQueue::Add(TailEntry entry, int64_t release_at) {
  if (room() == 0 || !Charge(entry.bytes())) return Drop(entry.time, std::move(entry.stream));
  held_.push_back({release_at, std::move(entry)});
}

bool TailQueue::AddAlways(TailEntry entry) {
  if (!Charge(entry.bytes())) return false;
  ready_.push_back(std::move(entry));
  return true;
}

void TailQueue::RemoveHeld(absl::FunctionRef<bool(const TailEntry&)> unwanted) {
  std::erase_if(held_, [&](const Held& held) {
    if (!unwanted(held.entry)) return false;
    Discharge(held.entry.bytes());
    return true;
  });
}

void TailQueue::Drop(int64_t time, std::string labels) {
  if (dropped_.size() < kMaxDropped) dropped_.push_back({time, std::move(labels)});
}

void TailQueue::Release(int64_t now) {
  std::vector<TailEntry> released;
  while (!held_.empty() && held_.front().release_at <= now) {
    released.push_back(std::move(held_.front().entry));
    held_.pop_front();
  }
  std::stable_sort(released.begin(), released.end(),
                   [](const TailEntry& a, const TailEntry& b) { return a.time < b.time; });
  std::move(released.begin(), released.end(), std::back_inserter(ready_));
}

std::optional<std::string> TailQueue::NextMessage() {
  if (!has_message()) return std::nullopt;
  std::vector<TailEntry> entries;
  size_t bytes = 0;
  while (!ready_.empty() && entries.size() < kMessageEntries && bytes < max_bytes_) {
    bytes += ready_.front().bytes();
    entries.push_back(std::move(ready_.front()));
    ready_.pop_front();
  }
  std::string message = TailMessage(entries, dropped_, format_);
  dropped_.clear();
  Discharge(bytes);
  return message;
}

size_t TailQueue::room() const {
  if (bytes_ >= max_bytes_) return 0;
  return kMaxEntries - std::min(kMaxEntries, held_.size() + ready_.size());
}

}  // namespace skald::api
