#include "query/engine/log_result_builder.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

namespace skald::query {
namespace {

std::vector<LabelView> OfCategory(const std::vector<CategorisedLabel>& labels,
                                  LabelCategory category) {
  std::vector<LabelView> picked;
  for (const CategorisedLabel& label : labels) {
    if (label.category == category) picked.push_back({label.name, label.value});
  }
  return picked;
}

}  // namespace

Status LogResultBuilder::Charge(const ReadRow& row) {
  uint64_t bytes = sizeof(Entry) + sizeof(LogEntry) + row.line.size();
  for (const CategorisedLabel& label : row.labels) {
    bytes += sizeof(LabelView) + label.name.size() + label.value.size();
  }
  return result_.memory.Grow(bytes);
}

const EntryLabels* LogResultBuilder::CopyEntryLabels(const std::vector<CategorisedLabel>& labels) {
  const std::vector<LabelView> metadata = OfCategory(labels, LabelCategory::kMetadata);
  const std::vector<LabelView> parsed = OfCategory(labels, LabelCategory::kParsed);
  if (metadata.empty() && parsed.empty()) return nullptr;
  EntryLabels* copy = result_.arena.NewArray<EntryLabels>(1).data();
  return new (copy)
      EntryLabels{CopyLabels(metadata, &result_.arena), CopyLabels(parsed, &result_.arena)};
}

Status LogResultBuilder::Add(const ReadRow& row) {
  RETURN_IF_ERROR(Charge(row));
  const std::vector<LabelView> labels =
      categorize_ ? OfCategory(row.labels, LabelCategory::kStream) : ToLabelViews(row.labels);
  Entry& entry = entries_[row.index];
  entry.stream = streams_.FindOrAdd(KeyOf(labels), labels);
  entry.entry.timestamp = row.time;
  entry.entry.line = result_.arena.Copy(row.line);
  if (categorize_) entry.entry.labels = CopyEntryLabels(row.labels);
  return absl::OkStatus();
}

void LogResultBuilder::Finish() {
  LogResult log;
  log.streams.resize(streams_.size());
  for (uint32_t i = 0; i < streams_.size(); ++i) {
    log.streams[i].labels = CopyLabels(streams_.labels(i), &result_.arena);
  }
  for (const Entry& entry : entries_) {
    if (entry.stream != SeriesTable::kNone)
      log.streams[entry.stream].entries.push_back(entry.entry);
  }
  std::vector<std::pair<std::string, uint32_t>> order;
  for (uint32_t i = 0; i < streams_.size(); ++i) {
    order.emplace_back(LabelsToString(log.streams[i].labels), i);
  }
  std::sort(order.begin(), order.end());
  LogResult sorted;
  for (const auto& [text, i] : order) sorted.streams.push_back(std::move(log.streams[i]));
  result_.data = std::move(sorted);
}

}  // namespace skald::query
