// Puts the entries of a log query's answer together: grouped by labels, in order, in memory of the
// result's own.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "query/engine/result.h"
#include "query/engine/row_reader.h"
#include "query/engine/series_table.h"

namespace skald::query {

// Threads: externally synchronised. One use.
class LogResultBuilder {
 public:
  // `entries` at most; `categorize` as in QueryParams. Fills `result`, which has its reservation.
  LogResultBuilder(size_t entries, bool categorize, QueryResult* result)
      : categorize_(categorize), result_(*result), entries_(entries) {}

  // Takes row `row.index` of the answer. What the result comes to hold, and what is held until
  // Finish(), is reserved before.
  Status Add(const ReadRow& row);

  // Completes the result: streams in the order of their label text, entries in that of the rows.
  void Finish();

 private:
  static constexpr uint32_t kNoStream = UINT32_MAX;

  struct Entry {
    LogEntry entry;
    uint32_t stream = kNoStream;  // kNoStream: no such row
  };
  struct Stream {
    std::string text;  // of its labels
    LogStream stream;
    size_t entries = 0;
  };
  // Takes `kept` bytes for as long as the result lives, and `until_finished`.
  Status Charge(uint64_t kept, uint64_t until_finished);
  // The number of the stream with these labels, which is made if there is none.
  StatusOr<uint32_t> StreamOf(std::span<const LabelView> labels);
  // The labels of an entry beside its stream's; null if there are none.
  const EntryLabels* CopyEntryLabels(const std::vector<CategorisedLabel>& labels);

  const bool categorize_;
  QueryResult& result_;
  absl::flat_hash_map<LabelsKey, uint32_t> numbers_;
  std::vector<Stream> streams_;  // by number
  std::vector<Entry> entries_;   // by index
  uint64_t until_finished_ = 0;  // bytes charged for the three
};

}  // namespace skald::query
