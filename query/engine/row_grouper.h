// Finds the series that each row of a batch belongs to.
//
// Only the labels that the grouping keeps are looked at: a stream's share is hashed once a run, and
// of the label columns those that vary are hashed column by column, equal neighbours once. What a
// batch has of thousands of columns is mostly absent: such cells are passed over.
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
    bool in_streams = false;  // whether a stream of the batch has it
  };

  // Sorted by name.
  std::vector<Varying> FindVarying(const Batch& batch) const;
  // True if a value adds no label to the series.
  bool IsLeftOut(std::string_view value) const {
    return IsAbsent(value) || (grouping_.drop_empty && value.empty());
  }
  // Calls visit(i, value) for every rows[i] to whose series the label adds a value.
  template <typename Visit>
  void ForEachValue(const Varying& varying, std::span<const uint32_t> rows, Visit&& visit) const;
  // Calls visit for the labels of `stream` that are kept and not in `varying`; notes those that
  // are.
  template <typename Visit>
  void ForEachBaseLabel(const Stream& stream, std::span<Varying> varying, Visit&& visit) const;

  Status GroupByStreams(const Batch& batch, std::span<const uint32_t> rows,
                        std::span<uint32_t> out);
  // The steps of Group where labels vary: the key of every row; the series of keys that are known;
  // those of the others, of which missed_ has a row each, and the rows that wait for them.
  void FindKeys(const Batch& batch, std::span<const uint32_t> rows, std::span<Varying> varying);
  void FindKnown(std::span<uint32_t> out);
  Status AddMissed(const Batch& batch, std::span<const uint32_t> rows, std::span<Varying> varying);
  void FillIn(std::span<uint32_t> out) const;

  // The series of a label set that is not in known_.
  StatusOr<uint32_t> Add(LabelsKey key, std::vector<LabelView> labels);

  const SeriesGrouping& grouping_;
  SharedSeries* const series_;
  absl::flat_hash_map<LabelsKey, uint32_t> known_;  // kNone: missed, about to be added
  std::vector<uint32_t> series_of_stream_;  // by the selection's index; kNone: not yet known
  // Of the rows that are grouped: their keys, and which have a key that was not known.
  std::vector<LabelsKey> keys_;
  std::vector<size_t> missed_;
};

}  // namespace skald::query
