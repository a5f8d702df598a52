// Finds the series that each row of a batch belongs to.
//
// Only the labels that the grouping keeps are looked at: a stream's share is hashed once a run, and
// of the label columns those that vary are hashed row by row, equal neighbours once.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "query/batch/batch.h"
#include "query/engine/shared_series.h"

namespace skald::query {

// Which labels make a series.
struct SeriesGrouping {
  // True: all labels but `labels`. False: only `labels`.
  bool without = true;
  std::vector<std::string> labels;
  // Whether a label with an empty value counts as absent.
  bool drop_empty = false;

  bool Keeps(std::string_view name) const;
};

// Threads: externally synchronised; every worker has its own.
class RowGrouper {
 public:
  // Both must outlive the grouper.
  RowGrouper(const SeriesGrouping& grouping, SharedSeries* series)
      : grouping_(grouping), series_(series) {}

  // Writes the series of each of `rows` (rows of the batch) to `out`. Batches must come with the
  // stream table of one selection.
  Status Group(const Batch& batch, std::span<const uint32_t> rows, std::span<uint32_t> out);

  // The series of rows that have no labels beside their stream's. `index` is the stream's in the
  // selection.
  StatusOr<uint32_t> GroupStream(uint32_t index, const Stream& stream);
  // The series of rows whose only other label is `label`, which the stream does not have; without a
  // value: that have none.
  StatusOr<uint32_t> GroupStreamAnd(LabelView label, const Stream& stream);

 private:
  // A label that may differ between rows of one stream.
  struct Varying {
    std::string_view name;
    uint64_t name_hash;
    LabelReader read;
    // The cell last hashed.
    std::string_view value;
    LabelsKey key;
  };

  // Sorted by name.
  std::vector<Varying> FindVarying(const Batch& batch) const;
  // True if a cell of the row adds no label to the series.
  bool IsLeftOut(std::string_view value) const {
    return IsAbsent(value) || (grouping_.drop_empty && value.empty());
  }
  LabelsKey KeyOfCell(Varying* varying, uint32_t row) const;
  // The key of the labels of `stream` that are kept and not in `varying`.
  LabelsKey BaseKey(const Stream& stream, std::span<const Varying> varying) const;
  // The series of a key, from the own map if it can be.
  StatusOr<uint32_t> Lookup(LabelsKey key, const Stream& stream, std::span<const Varying> varying,
                            uint32_t row);
  StatusOr<uint32_t> Add(LabelsKey key, std::vector<LabelView> labels);
  // The labels of `stream` that are kept and not in `varying`.
  std::vector<LabelView> BaseLabels(const Stream& stream, std::span<const Varying> varying) const;

  const SeriesGrouping& grouping_;
  SharedSeries* const series_;
  absl::flat_hash_map<LabelsKey, uint32_t> known_;
  std::vector<uint32_t> series_of_stream_;  // by the selection's index; kNone: not yet known
};

}  // namespace skald::query
