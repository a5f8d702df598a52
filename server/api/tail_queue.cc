#include "server/api/tail_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace skald::api {
namespace {

// What a stream's text takes.
size_t TextBytes(const std::string& text) { return text.size() + kAroundEntry; }

}  // namespace

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

template <typename Entry>
bool TailQueue::Hold(const Entry& entry) {
  const auto [text, is_new] = texts_.try_emplace(entry.stream.get(), 0);
  if (!Charge(entry.bytes() + (is_new ? TextBytes(*entry.stream) : 0))) {
    if (is_new) texts_.erase(text);
    return false;
  }
  ++text->second;
  return true;
}

template <typename Entry>
void TailQueue::LetGo(const Entry& entry) {
  Discharge(entry.bytes());
  const auto text = texts_.find(entry.stream.get());
  if (--text->second > 0) return;
  texts_.erase(text);
  Discharge(TextBytes(*entry.stream));
}

void TailQueue::Add(TailEntry entry, int64_t release_at) {
  if (room() == 0 || !Hold(entry)) return Drop(entry.time, std::move(entry.stream));
  held_.push_back({release_at, std::move(entry)});
}

void TailQueue::AddAlways(TailEntry entry) {
  if (!Hold(entry)) return Drop(entry.time, std::move(entry.stream));
  ready_.push_back(std::move(entry));
}

void TailQueue::RemoveHeld(absl::FunctionRef<bool(const TailEntry&)> unwanted) {
  std::erase_if(held_, [&](const Held& held) {
    if (!unwanted(held.entry)) return false;
    LetGo(held.entry);
    return true;
  });
}

void TailQueue::Drop(int64_t time, StreamText stream) {
  if (!can_drop()) return;
  DroppedEntry entry{time, std::move(stream)};
  if (!Hold(entry)) return;
  dropped_bytes_ += entry.message_bytes();
  dropped_.push_back(std::move(entry));
}

bool TailQueue::can_drop() const {
  return dropped_.size() < kMaxDropped && dropped_bytes_ < std::min(kMaxDroppedBytes, max_bytes_);
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
  Discharge(std::exchange(message_bytes_, 0));
  if (!has_message()) return std::nullopt;
  const auto entries =
      Take(&ready_, kMessageEntries, std::min(kMessageBytes, max_bytes_), /*needs_one=*/true);
  const auto dropped =
      Take(&dropped_, kMaxDropped, kMaxDroppedBytes, /*needs_one=*/entries.empty());
  std::string message = TailMessage(entries, dropped, format_);
  for (const TailEntry& entry : entries) LetGo(entry);
  for (const DroppedEntry& entry : dropped) {
    dropped_bytes_ -= entry.message_bytes();
    LetGo(entry);
  }
  return message;
}

template <typename Entry>
std::vector<Entry> TailQueue::Take(std::deque<Entry>* from, size_t most, size_t most_bytes,
                                   bool needs_one) {
  std::vector<Entry> taken;
  size_t bytes = 0;
  while (!from->empty() && taken.size() < most) {
    const size_t more = from->front().message_bytes();
    const bool is_needed = needs_one && taken.empty();
    if (!is_needed && bytes + more > most_bytes) break;
    if (Charge(more)) {
      message_bytes_ += more;
    } else if (!is_needed) {
      break;
    }
    bytes += more;
    taken.push_back(std::move(from->front()));
    from->pop_front();
  }
  return taken;
}

size_t TailQueue::room() const {
  if (bytes_ >= max_bytes_) return 0;
  return kMaxEntries - std::min(kMaxEntries, held_.size() + ready_.size());
}

}  // namespace skald::api
