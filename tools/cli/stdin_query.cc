#include <iostream>
#include <map>
#include <span>

#include "query/stage/pipeline.h"
#include "query/syntax/parser.h"
#include "tools/cli/commands.h"
#include "tools/cli/entry_printer.h"
#include "tools/cli/time_text.h"

namespace skald::cli {
namespace {

constexpr size_t kRowsPerBatch = 1024;

using StreamsByText = std::map<std::string, LogStream>;

// The labels of a row: those of the stream under those of the columns.
Labels LabelsOf(const query::Batch& batch, uint32_t row) {
  Labels labels;
  const LabelSet& stream = batch.stream(row).labels;
  for (size_t i = 0; i < stream.size(); ++i) {
    if (batch.Find(stream[i].name, query::LabelCategory::kStream) == nullptr) {
      labels.emplace(stream[i].name, stream[i].value);
    }
  }
  for (query::LabelCategory category :
       {query::LabelCategory::kStream, query::LabelCategory::kMetadata,
        query::LabelCategory::kParsed}) {
    for (const query::LabelColumn& column : batch.columns()) {
      std::string_view cell = column.cells[row];
      if (column.category != category || query::HasNoValue(cell)) continue;
      labels[std::string(column.name)] = cell;
    }
  }
  if (!IsAbsent(batch.error(row))) labels["__error__"] = batch.error(row);
  if (!IsAbsent(batch.error_details(row))) {
    labels["__error_details__"] = batch.error_details(row);
  }
  return labels;
}

// Runs lines through a pipeline and gathers what comes out. Threads: externally synchronised.
class LineFilter {
 public:
  explicit LineFilter(query::Pipeline* pipeline)
      : pipeline_(pipeline),
        streams_({std::make_shared<const Stream>(LabelSet::FromPairs({{"source", "logcli"}}))}),
        start_(WallClock()) {}

  // Lines whose labels do not fit into one batch are run in halves.
  Status Run(std::span<const std::string> lines, StreamsByText* out) {
    Status status = RunBatch(lines, out);
    if (status.code() != query::kTooWide || lines.size() < 2) return status;
    RETURN_IF_ERROR(Run(lines.first(lines.size() / 2), out));
    return Run(lines.subspan(lines.size() / 2), out);
  }

 private:
  Status RunBatch(std::span<const std::string> lines, StreamsByText* out) {
    query::Batch batch;
    batch.Reset(streams_);
    for (uint32_t i = 0; i < lines.size(); ++i) {
      batch.timestamps.push_back(start_ + count_++);
      batch.stream_of.push_back(0);
      batch.lines.push_back(lines[i]);
      if (Passes(lines[i])) batch.selection.push_back(i);
    }
    RETURN_IF_ERROR(pipeline_->Run(&batch));
    for (uint32_t row : batch.selection) {
      Labels labels = LabelsOf(batch, row);
      LogStream& stream = (*out)[LabelsText(labels)];
      stream.labels = std::move(labels);
      stream.entries.push_back({batch.timestamps[row], std::string(batch.lines[row]), {}});
    }
    return absl::OkStatus();
  }

  bool Passes(std::string_view line) const {
    for (const query::LineCondition& condition : pipeline_->line_conditions()) {
      if (condition.matcher->Matches(line) == condition.negate) return false;
    }
    return true;
  }

  query::Pipeline* const pipeline_;
  const std::vector<StreamPtr> streams_;
  const int64_t start_;
  int64_t count_ = 0;
};

Status FilterInput(query::Pipeline* pipeline, StreamsByText* out) {
  LineFilter filter(pipeline);
  std::vector<std::string> lines;
  for (std::string line; std::getline(std::cin, line);) {
    lines.push_back(std::move(line));
    if (lines.size() < kRowsPerBatch) continue;
    RETURN_IF_ERROR(filter.Run(lines, out));
    lines.clear();
  }
  return filter.Run(lines, out);
}

}  // namespace

Status RunStdinQuery(const Options& options) {
  std::string text = options.query;
  bool bare = !text.empty() && (text[0] == '|' || text[0] == '!');
  if (bare) text = StrCat("{source=\"logcli\"}", text);
  auto query = query::ParseQuery(text);
  if (!query.ok()) return Annotate(query.status(), "Query failed");
  if (query->log() == nullptr) {
    return InvalidArgument("Query failed: metric queries of standard input are not supported");
  }
  auto pipeline = query::Pipeline::Compile(*query->log(), query::PipelineOptions());
  if (!pipeline.ok()) return Annotate(pipeline.status(), "Query failed");
  StreamsByText by_text;
  if (Status status = FilterInput(pipeline->get(), &by_text); !status.ok()) {
    return Annotate(status, "Query failed");
  }
  std::vector<LogStream> streams;
  for (auto& [labels, stream] : by_text) streams.push_back(std::move(stream));
  Options in_order = options;
  in_order.forward = true;
  StandardOutput output;
  PageEdge edge;
  return EntryPrinter(in_order, &output).Print(streams, &edge).status();
}

}  // namespace skald::cli
