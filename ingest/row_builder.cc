#include "ingest/row_builder.h"

#include <algorithm>

#include "ingest/charged_growth.h"

namespace skald::ingest {

StatusOr<std::span<const StreamRows>> RowBuilder::Build(const PushBatch& batch,
                                                        const ResolvedStreams& streams,
                                                        const RowSet& refused,
                                                        const IngestSettings& settings,
                                                        Reservation* memory) {
  rows_.clear();
  streams_.clear();
  arena_.Reset();
  canonicalizer_.Reset();
  RETURN_IF_ERROR(memory->Grow(batch.entries().size() * sizeof(Row) +
                               batch.streams().size() * sizeof(StreamRows)));
  // Spans point into it: it must not move.
  rows_.reserve(batch.entries().size());
  for (size_t i = 0; i < streams.size(); ++i) {
    const PushStream& pushed = batch.streams()[i];
    const size_t rows_before = rows_.size();
    RETURN_IF_ERROR(AddRows(batch, pushed, *streams[i], refused, settings, memory));
    if (rows_.size() == rows_before) continue;
    streams_.push_back({streams[i]->stream, std::span(rows_).subspan(rows_before)});
  }
  return std::span<const StreamRows>(streams_);
}

void RowBuilder::Shrink() {
  ClearOrFree(&streams_);
  ClearOrFree(&rows_);
  canonicalizer_.Reset();
  arena_.Reset();
  if (arena_.capacity() > kKeptBytes) arena_ = Arena();
}

Status RowBuilder::AddRows(const PushBatch& batch, const PushStream& pushed,
                           const ResolvedStream& resolved, const RowSet& refused,
                           const IngestSettings& settings, Reservation* memory) {
  const bool spread = settings.limits().increment_duplicate_timestamp;
  const size_t first = rows_.size();
  int64_t unmoved = 0;  // of the stream's last row that kept its time
  uint32_t ordinal = pushed.entries_begin;
  for (const PushEntry& entry : batch.EntriesOf(pushed)) {
    if (refused.Contains(ordinal++)) continue;
    const size_t arena_before = arena_.capacity();
    Row row = MakeRow(entry, batch.MetadataOf(entry), resolved.level, settings);
    if (arena_.capacity() > arena_before) {  // seldom; what counts memory is shared by all pushes
      RETURN_IF_ERROR(memory->Grow(arena_.capacity() - arena_before));
    }
    const Row* const last = rows_.size() > first ? &rows_.back() : nullptr;
    if (spread && last != nullptr && last->line != row.line &&
        (row.timestamp == unmoved || row.timestamp == last->timestamp)) {
      row.timestamp = last->timestamp + 1;
    } else {
      unmoved = row.timestamp;
    }
    rows_.push_back(row);
  }
  return absl::OkStatus();
}

Row RowBuilder::MakeRow(const PushEntry& entry, std::span<const LabelView> metadata,
                        std::string_view stream_level, const IngestSettings& settings) {
  const IngestLimits& limits = settings.limits();
  Row row;
  row.timestamp = entry.timestamp;
  row.line = CutLine(entry.line, limits);
  const std::span<const LabelView> canonical = canonicalizer_.Canonicalize(metadata, &arena_);
  row.metadata = WithoutLevel(canonical, &row.detected_level);
  if (limits.discover_log_levels && limits.allow_structured_metadata) {
    row.detected_level = settings.level_detector().Detect(stream_level, canonical, row.line);
  }
  return row;
}

std::string_view RowBuilder::CutLine(std::string_view line, const IngestLimits& limits) {
  const size_t max = limits.max_line_size;
  if (!limits.max_line_size_truncate || max == 0 || line.size() <= max) return line;
  const std::string_view identifier = limits.max_line_size_truncate_identifier;
  if (identifier.empty() || identifier.size() > max) return line.substr(0, max);
  char* const cut = arena_.Allocate(max);
  const size_t kept = max - identifier.size();
  std::copy_n(line.data(), kept, cut);
  std::copy_n(identifier.data(), identifier.size(), cut + kept);
  return std::string_view(cut, max);
}

std::span<const LabelView> RowBuilder::WithoutLevel(std::span<const LabelView> metadata,
                                                    std::string_view* level) {
  const auto found = std::find_if(metadata.begin(), metadata.end(), [](const LabelView& pair) {
    return pair.name == kDetectedLevel;
  });
  if (found == metadata.end()) return metadata;
  *level = found->value;
  const std::span<LabelView> rest = arena_.NewArray<LabelView>(metadata.size() - 1);
  std::copy(found + 1, metadata.end(), std::copy(metadata.begin(), found, rest.begin()));
  return rest;
}

}  // namespace skald::ingest
