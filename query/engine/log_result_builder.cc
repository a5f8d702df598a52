#include "query/engine/log_result_builder.h"

#include <algorithm>
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

// What an entry takes of the result. Only its stream has its labels, unless they are categorised.
uint64_t BytesOf(const ReadRow& row, bool categorize) {
  uint64_t bytes = sizeof(LogEntry) + row.line.size() + 1;
  if (!categorize) return bytes;
  bytes += sizeof(EntryLabels);
  for (const CategorisedLabel& label : row.labels) {
    if (label.category == LabelCategory::kStream) continue;
    bytes += sizeof(LabelView) + label.name.size() + label.value.size() + 2;
  }
  return bytes;
}

}  // namespace

Status LogResultBuilder::Charge(uint64_t kept, uint64_t until_finished) {
  RETURN_IF_ERROR(result_.memory.Grow(kept + until_finished));
  until_finished_ += until_finished;
  return absl::OkStatus();
}

StatusOr<uint32_t> LogResultBuilder::StreamOf(std::span<const LabelView> labels) {
  const LabelsKey key = KeyOf(labels);
  if (const auto known = numbers_.find(key); known != numbers_.end()) return known->second;
  Stream stream;
  stream.text = LabelsToString(labels);
  RETURN_IF_ERROR(
      Charge(sizeof(LogStream) + MemoryOf(labels), 2 * sizeof(Stream) + stream.text.capacity()));
  stream.stream.labels = CopyLabels(labels, &result_.arena);
  const auto number = static_cast<uint32_t>(streams_.size());
  streams_.push_back(std::move(stream));
  numbers_.emplace(key, number);
  return number;
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
  const std::vector<LabelView> labels =
      categorize_ ? OfCategory(row.labels, LabelCategory::kStream) : ToLabelViews(row.labels);
  ASSIGN_OR_RETURN(const uint32_t stream, StreamOf(labels));
  RETURN_IF_ERROR(Charge(BytesOf(row, categorize_), sizeof(Entry)));
  ++streams_[stream].entries;
  Entry& entry = entries_[row.index];
  entry.stream = stream;
  entry.entry.timestamp = row.time;
  entry.entry.line = result_.arena.Copy(row.line);
  if (categorize_) entry.entry.labels = CopyEntryLabels(row.labels);
  return absl::OkStatus();
}

void LogResultBuilder::Finish() {
  for (Stream& stream : streams_) stream.stream.entries.reserve(stream.entries);
  for (const Entry& entry : entries_) {
    if (entry.stream == kNoStream) continue;
    streams_[entry.stream].stream.entries.push_back(entry.entry);
  }
  std::sort(streams_.begin(), streams_.end(),
            [](const Stream& a, const Stream& b) { return a.text < b.text; });
  LogResult log;
  log.streams.reserve(streams_.size());
  for (Stream& stream : streams_) log.streams.push_back(std::move(stream.stream));
  result_.data = std::move(log);
  numbers_ = {};
  streams_ = {};
  entries_ = {};
  result_.memory.Shrink(until_finished_);
}

}  // namespace skald::query
