// What waits for a tail's client: entries, in the order of their times as far as they came
// together, and word of those that were dropped because too many waited.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

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
  static constexpr size_t kMessageEntries = 100;

  // `memory`, if any, is charged for what waits and must outlive this. One queue takes an eighth of
  // it: a client that does not read must not cost others their lines.
  TailQueue(TailFormat format, MemoryBudget* memory);
  ~TailQueue();
  TailQueue(const TailQueue&) = delete;
  TailQueue& operator=(const TailQueue&) = delete;

  // Adds an entry that the client shall not get before `release_at`; drops it when there is no
  // room. REQUIRES: `release_at` never decreases.
  void Add(TailEntry entry, int64_t release_at);
  // Adds an entry of the backlog, for which there is always room but memory. False: there was none.
  bool AddAlways(TailEntry entry);
  // Forgets entries that are not released yet.
  void RemoveHeld(absl::FunctionRef<bool(const TailEntry&)> unwanted);
  // Remembers an entry that was dropped, if not too many are remembered.
  void Drop(int64_t time, std::string labels);

  // Lets the client have what may be released at `now`.
  void Release(int64_t now);

  // The next message for the client, of what was released.
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

  const TailFormat format_;
  MemoryBudget* const memory_;
  const size_t max_bytes_;
  std::deque<Held> held_;  // by release
  std::deque<TailEntry> ready_;
  std::vector<DroppedEntry> dropped_;
  size_t bytes_ = 0;
};

}  // namespace skald::api
