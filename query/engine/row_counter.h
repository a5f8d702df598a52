// Counts the rows of a scan unit per series and pane without making batches of them: where neither
// lines nor metadata but detected_level decide anything.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "query/engine/range_function.h"
#include "query/engine/range_plan.h"
#include "query/engine/row_grouper.h"
#include "query/engine/unit_scanner.h"
#include "query/engine/windows.h"

namespace skald::query {

// Threads: externally synchronised; every worker has its own.
class RowCounter {
 public:
  // All must outlive the counter. What is counted is the scanner's open unit.
  RowCounter(const storage::Selection& selection, const RangePlan& plan, const Windows& windows,
             UnitScanner* scanner, RowGrouper* grouper)
      : selection_(selection),
        plan_(plan),
        windows_(windows),
        scanner_(*scanner),
        grouper_(*grouper) {}

  // Counts all rows by ranks. False, with nothing counted: ranks cannot tell, or it would be more
  // work than to look at rows. REQUIRES: no line condition.
  StatusOr<bool> CountByRanks(UnitSamples* samples);
  // Counts the scanner's selected rows by time stamps. False, with nothing counted: their series
  // are not known without batches.
  StatusOr<bool> CountRows(UnitSamples* samples);

 private:
  // Which level each row has: values[codes[row]]; without codes, values[0].
  struct LevelCodes {
    std::span<const std::string_view> values;
    std::span<const uint32_t> codes;
  };

  RowLabels LabelsOfUnit() const;
  StatusOr<std::optional<LevelCodes>> LevelsOfRows();
  std::vector<int64_t> RankEdges();
  Status CountByRunRanks(const std::vector<int64_t>& edges, UnitSamples* samples);
  Status CountByLevelRanks(const std::vector<int64_t>& edges,
                           std::span<const std::string_view> levels, UnitSamples* samples);
  Status CountByLevel(const LevelCodes& levels, UnitSamples* samples);
  const Stream& StreamOf(const storage::StreamRun& run) const {
    return *selection_.streams()[run.stream];
  }
  StatusOr<uint32_t> SeriesOf(const storage::StreamRun& run, std::string_view level);

  const storage::Selection& selection_;
  const RangePlan& plan_;
  const Windows& windows_;
  UnitScanner& scanner_;
  RowGrouper& grouper_;
  uint32_t hint_ = 0;        // the pane last found
  uint32_t first_edge_ = 0;  // of RankEdges()
};

}  // namespace skald::query
