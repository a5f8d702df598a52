// Runs a pipeline over a few rows and shows what comes out, for tests of query/stage.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/stage/pipeline.h"
#include "storage/base/status.h"

namespace skald::query {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct TestRow {
  std::string line;
  Pairs metadata = {};
  Pairs stream = {{"app", "web"}};
  // What storage answers when it is asked for the line's fields; absent: nothing.
  std::optional<Pairs> fields = std::nullopt;
};

// A row that came through, its labels by category as a categorised answer shows them.
struct ResultRow {
  size_t index = 0;  // of the row that went in
  std::string line;
  Pairs stream;
  Pairs metadata;
  Pairs parsed;  // with the error state
  double value = 0;

  // `line | stream | metadata | parsed`, each `a=b, c=d`.
  std::string Text() const;
  // Only the parsed labels.
  std::string Parsed() const;
};

// Runs `stages` ("| json | x > 5") as part of a log query.
StatusOr<std::vector<ResultRow>> RunStages(std::string_view stages,
                                           const std::vector<TestRow>& rows);

// The parsed labels of one line after `stages`; "(dropped)", or the message of a stage error.
std::string ParsedOf(std::string_view stages, std::string line);
// All of one row (ResultRow::Text) after `stages`; "(dropped)", or the message of a stage error.
std::string TextOf(std::string_view stages, TestRow row);
// The lines that `stages` keep, joined by `|`; or the message of a stage error.
std::string LinesOf(std::string_view stages, const std::vector<std::string>& lines);

// Runs any log expression; `unwrap` and the rest come with the options. The rows make one batch,
// on these terms.
StatusOr<std::vector<ResultRow>> RunPipeline(const LogExpr& log, const PipelineOptions& options,
                                             const std::vector<TestRow>& rows,
                                             MemoryBudget* budget = nullptr,
                                             const StopToken* stop = nullptr);

// Runs the log expression inside of a range aggregation, with these grouping hints.
StatusOr<std::vector<ResultRow>> RunMetric(
    std::string_view query, const std::optional<std::vector<std::string>>& grouping_labels,
    const std::vector<TestRow>& rows);

}  // namespace skald::query
