// The messages of a tail as JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "query/engine/result.h"
#include "storage/base/memory_budget.h"
#include "storage/base/memory_charge.h"
#include "storage/base/status.h"
#include "storage/model/labels.h"

namespace skald::api {

// How a client wants its messages.
struct TailFormat {
  bool legacy = false;         // of /api/prom/tail
  std::string encoding_flags;  // as in the request's header
  bool categorize = false;
};

// The JSON of a stream's labels, shared by its entries.
using StreamText = std::shared_ptr<const std::string>;

// What stands around an entry in a message, at most.
inline constexpr size_t kAroundEntry = 64;

// An entry, written but for what stands around it.
struct TailEntry {
  int64_t time = 0;  // ns
  StreamText stream;
  std::string value;  // its time and line

  // What it takes beside the stream's text.
  size_t bytes() const { return value.size() + sizeof(TailEntry); }
  size_t message_bytes() const { return kAroundEntry + stream->size() + value.size(); }
};

// An entry that a client was too slow for.
struct DroppedEntry {
  int64_t time = 0;   // ns
  StreamText stream;  // an object

  size_t bytes() const { return sizeof(DroppedEntry); }
  size_t message_bytes() const { return kAroundEntry + stream->size(); }
};

// Entries, and what is charged for them as long as nobody else holds them.
struct ChargedEntries {
  MemoryCharge charge;
  std::vector<TailEntry> entries;
};

// The entries of a result in the order of their times; those of equal times as the result has them.
// They are charged to `memory` (which may be null) as they are made; ResourceExhausted: it has not
// so much.
StatusOr<ChargedEntries> TailEntries(const query::LogResult& result, const TailFormat& format,
                                     MemoryBudget* memory);

// What is told of a stream's dropped entries.
StreamText DroppedLabels(const LabelSet& labels);

// One message; what it takes beside its entries is little.
std::string TailMessage(std::span<const TailEntry> entries, std::span<const DroppedEntry> dropped,
                        const TailFormat& format);

}  // namespace skald::api
