// The messages of a tail as JSON.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "query/engine/result.h"
#include "storage/model/labels.h"

namespace skald::api {

// How a client wants its messages.
struct TailFormat {
  bool legacy = false;         // of /api/prom/tail
  std::string encoding_flags;  // as in the request's header
  bool categorize = false;
};

// An entry, written but for what stands around it.
struct TailEntry {
  int64_t time = 0;    // ns
  std::string stream;  // its labels
  std::string value;   // its time and line

  size_t bytes() const { return stream.size() + value.size() + sizeof(TailEntry); }
};

// An entry that a client was too slow for.
struct DroppedEntry {
  int64_t time = 0;    // ns
  std::string labels;  // an object
};

// The entries of a result in the order of their times; those of equal times as the result has them.
std::vector<TailEntry> TailEntries(const query::LogResult& result, const TailFormat& format);

// What is told of a stream's dropped entry.
std::string DroppedLabels(const LabelSet& labels);

// One message.
std::string TailMessage(std::span<const TailEntry> entries, std::span<const DroppedEntry> dropped,
                        const TailFormat& format);

}  // namespace skald::api
