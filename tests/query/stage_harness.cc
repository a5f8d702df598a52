#include "tests/query/stage_harness.h"

#include <algorithm>
#include <map>
#include <memory>

#include "query/stage/metadata_columns.h"
#include "query/syntax/parser.h"

namespace skald::query {
namespace {

std::string Join(const Pairs& pairs) {
  std::string text;
  for (const auto& [name, value] : pairs) {
    StrAppend(&text, text.empty() ? "" : ", ", name, "=", value);
  }
  return text;
}

void AddAllMetadata(const std::vector<TestRow>& rows, Batch* batch) {
  std::map<std::string, std::vector<std::string_view>> columns;
  for (size_t i = 0; i < rows.size(); ++i) {
    for (const auto& [name, value] : rows[i].metadata) {
      columns[name].resize(rows.size(), kAbsent);
      columns[name][i] = value;
    }
  }
  for (const auto& [name, values] : columns) {
    const auto cells = batch->arena()->NewArray<std::string_view>(rows.size());
    std::copy(values.begin(), values.end(), cells.begin());
    AddMetadata(batch, batch->arena()->Copy(name), {StringColumn::Kind::kPlain, cells, {}});
  }
}

void AddFields(const FieldRequest& request, const std::vector<TestRow>& rows, Batch* batch) {
  batch->fields.answered.Reset(static_cast<uint32_t>(rows.size()), false);
  for (const std::string& wanted : request.names) {
    const auto cells = batch->arena()->NewArray<std::string_view>(rows.size());
    std::fill(cells.begin(), cells.end(), kAbsent);
    for (uint32_t i = 0; i < rows.size(); ++i) {
      if (!rows[i].fields.has_value()) continue;
      batch->fields.answered.Add(i);
      for (const auto& [name, value] : *rows[i].fields) {
        if (name == wanted) cells[i] = value;
      }
    }
    batch->fields.columns.push_back({StringColumn::Kind::kPlain, cells, {}});
  }
}

// The labels of a row by category, each label shown in the category that wins.
void SplitLabels(const Batch& batch, uint32_t row, ResultRow* out) {
  std::map<std::string, std::pair<LabelCategory, std::string>> labels;
  const LabelSet& stream = batch.stream(row).labels;
  for (size_t i = 0; i < stream.size(); ++i) {
    if (batch.Find(stream[i].name, LabelCategory::kStream) == nullptr) {
      labels[std::string(stream[i].name)] = {LabelCategory::kStream, std::string(stream[i].value)};
    }
  }
  for (const LabelCategory category :
       {LabelCategory::kStream, LabelCategory::kMetadata, LabelCategory::kParsed}) {
    for (const LabelColumn& column : batch.columns()) {
      const std::string_view cell = column.cells[row];
      if (column.category != category || HasNoValue(cell)) continue;
      labels[std::string(column.name)] = {category, std::string(cell)};
    }
  }
  for (const auto& [name, label] : labels) {
    Pairs& pairs = label.first == LabelCategory::kStream     ? out->stream
                   : label.first == LabelCategory::kMetadata ? out->metadata
                                                             : out->parsed;
    pairs.emplace_back(name, label.second);
  }
  if (!IsAbsent(batch.error(row))) out->parsed.emplace_back(kErrorLabel, batch.error(row));
  if (!IsAbsent(batch.error_details(row))) {
    out->parsed.emplace_back(kErrorDetailsLabel, batch.error_details(row));
  }
  std::sort(out->parsed.begin(), out->parsed.end());
}

bool Passes(const Pipeline& pipeline, std::string_view line) {
  for (const LineCondition& condition : pipeline.line_conditions()) {
    if (condition.matcher->Matches(line) == condition.negate) return false;
  }
  return true;
}

}  // namespace

std::string ResultRow::Text() const {
  return StrCat(line, " | ", Join(stream), " | ", Join(metadata), " | ", Join(parsed));
}

std::string ResultRow::Parsed() const { return Join(parsed); }

StatusOr<std::vector<ResultRow>> RunPipeline(const LogExpr& log, const PipelineOptions& options,
                                             const std::vector<TestRow>& rows, MemoryBudget* budget,
                                             const StopToken* stop) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Pipeline> pipeline, Pipeline::Compile(log, options));
  std::vector<StreamPtr> streams;
  for (const TestRow& row : rows) {
    streams.push_back(std::make_shared<const Stream>(LabelSet::FromPairs(row.stream)));
  }
  Batch batch(budget, stop);
  batch.Reset(streams);
  for (uint32_t i = 0; i < rows.size(); ++i) {
    batch.timestamps.push_back(int64_t{1000000000} * i);
    batch.stream_of.push_back(i);
    batch.lines.push_back(rows[i].line);
    if (Passes(*pipeline, rows[i].line)) batch.selection.push_back(i);
  }
  AddAllMetadata(rows, &batch);
  if (pipeline->fields() != nullptr) AddFields(*pipeline->fields(), rows, &batch);
  RETURN_IF_ERROR(pipeline->Run(&batch));
  std::vector<ResultRow> results;
  for (const uint32_t row : batch.selection) {
    ResultRow result;
    result.index = row;
    result.line = batch.lines[row];
    if (!batch.values.empty()) result.value = batch.values[row];
    SplitLabels(batch, row, &result);
    results.push_back(std::move(result));
  }
  return results;
}

StatusOr<std::vector<ResultRow>> RunStages(std::string_view stages,
                                           const std::vector<TestRow>& rows) {
  ASSIGN_OR_RETURN(const Query query, ParseQuery(StrCat("{app=\"web\"} ", stages)));
  if (query.log() == nullptr) return InvalidArgument("not a log query");
  return RunPipeline(*query.log(), PipelineOptions(), rows);
}

std::string ParsedOf(std::string_view stages, std::string line) {
  const auto rows = RunStages(stages, {{std::move(line)}});
  if (!rows.ok()) return std::string(Message(rows.status()));
  return rows->empty() ? "(dropped)" : rows->front().Parsed();
}

std::string TextOf(std::string_view stages, TestRow row) {
  const auto rows = RunStages(stages, {std::move(row)});
  if (!rows.ok()) return std::string(Message(rows.status()));
  return rows->empty() ? "(dropped)" : rows->front().Text();
}

std::string LinesOf(std::string_view stages, const std::vector<std::string>& lines) {
  std::vector<TestRow> rows;
  for (const std::string& line : lines) rows.push_back({line});
  const auto kept = RunStages(stages, rows);
  if (!kept.ok()) return std::string(Message(kept.status()));
  std::string text;
  for (size_t i = 0; i < kept->size(); ++i) StrAppend(&text, i == 0 ? "" : "|", (*kept)[i].line);
  return text;
}

StatusOr<std::vector<ResultRow>> RunMetric(
    std::string_view query, const std::optional<std::vector<std::string>>& grouping_labels,
    const std::vector<TestRow>& rows) {
  ASSIGN_OR_RETURN(const Query parsed, ParseQuery(query));
  const auto* range =
      parsed.metric() == nullptr ? nullptr : std::get_if<RangeAggregation>(&parsed.metric()->node);
  if (range == nullptr) return InvalidArgument("not a range aggregation");
  PipelineOptions options;
  options.metric = true;
  options.counts_bytes = range->op == RangeOp::kBytesOverTime || range->op == RangeOp::kBytesRate;
  options.grouping_labels = grouping_labels;
  if (range->range.unwrap) options.unwrap = &*range->range.unwrap;
  return RunPipeline(range->range.log, options, rows);
}

}  // namespace skald::query
