// Puts the entries of a log query's answer together: grouped by labels, in order, in memory of the
// result's own.
#pragma once

#include <optional>
#include <vector>

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

  // Takes row `row.index` of the answer.
  Status Add(const ReadRow& row);

  // Completes the result: streams in the order of their label text, entries in that of the rows.
  void Finish();

 private:
  struct Entry {
    LogEntry entry;
    uint32_t stream = SeriesTable::kNone;  // kNone: no such row
  };
  Status Charge(const ReadRow& row);
  // The labels of an entry beside its stream's; null if there are none.
  const EntryLabels* CopyEntryLabels(const std::vector<CategorisedLabel>& labels);

  const bool categorize_;
  QueryResult& result_;
  SeriesTable streams_;
  std::vector<Entry> entries_;  // by index
};

}  // namespace skald::query
