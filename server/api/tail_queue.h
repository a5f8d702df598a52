// What waits for a tail's client: entries, in the order of their times as far as they came
// together, and word of those that were dropped because too many waited.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "server/api/tail_json.h"
#include "storage/base/memory_budget.h"

namespace skald::api {

// Threads: externally synchronised.
class TailQueue {
 public:
  static constexpr size_t kMaxEntries = 10'000;
  static constexpr size_t kMaxBytes = 8 << 20;
  static constexpr size_t kMaxDropped = 1000;
  static constexpr size_t kMaxDroppedBytes = 256 << 10;  // as a message has them
  static constexpr size_t kMessageEntries = 100;
  static constexpr size_t kMessageBytes = 1 << 20;  // of entries; a longer one goes alone

  // `memory`, if any, is charged for what waits, labels that entries share once, and for the
  // message in hand; it must outlive this. One queue takes an eighth of it: a client that does not
  // read must not cost others their lines.
  TailQueue(TailFormat format, MemoryBudget* memory);
  ~TailQueue();
  TailQueue(const TailQueue&) = delete;
  TailQueue& operator=(const TailQueue&) = delete;

  // Adds an entry that the client shall not get before `release_at`; drops it when there is no
  // room. REQUIRES: `release_at` never decreases.
  void Add(TailEntry entry, int64_t release_at);
  // Adds an entry of the backlog, for which there is always room; drops it when there is no memory.
  void AddAlways(TailEntry entry);
  // Forgets entries that are not released yet.
  void RemoveHeld(absl::FunctionRef<bool(const TailEntry&)> unwanted);
  // Remembers an entry that was dropped, if not too many are remembered and there is memory.
  void Drop(int64_t time, StreamText stream);
  // False while so many are remembered that Drop forgets.
  bool can_drop() const;

  // Lets the client have what may be released at `now`.
  void Release(int64_t now);

  // The next message for the client, of what was released. The one before it is taken to be gone.
  std::optional<std::string> NextMessage();

  bool has_message() const { return !ready_.empty() || !dropped_.empty(); }
  // Entries that can still be added.
  size_t room() const;

 private:
  struct Held {
    int64_t release_at;
    TailEntry entry;
  };
  bool Charge(size_t bytes);
  void Discharge(size_t bytes);
  // Charges for an entry that waits, and lets go of one. The text of its stream is charged once.
  template <typename Entry>
  bool Hold(const Entry& entry);
  template <typename Entry>
  void LetGo(const Entry& entry);
  // Takes entries for a message: `most` at most, until they are `most_bytes` there, and while there
  // is memory for the message; the first one in any case if `needs_one`.
  template <typename Entry>
  std::vector<Entry> Take(std::deque<Entry>* from, size_t most, size_t most_bytes, bool needs_one);

  const TailFormat format_;
  MemoryBudget* const memory_;
  const size_t max_bytes_;
  std::deque<Held> held_;  // by release
  std::deque<TailEntry> ready_;
  std::deque<DroppedEntry> dropped_;
  size_t dropped_bytes_ = 0;  // as a message has them
  // How many entries that wait have each text.
  absl::flat_hash_map<const std::string*, size_t> texts_;
  size_t message_bytes_ = 0;  // charged for the message in hand
  size_t bytes_ = 0;          // charged in all
};

}  // namespace skald::api
