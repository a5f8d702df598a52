#include "ingest/validator.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <string>

#include "ingest/charged_growth.h"
#include "ingest/checked_texts.h"
#include "ingest/metadata_names.h"

namespace skald::ingest {
namespace {

uint64_t BytesOf(std::span<const LabelView> metadata) {
  uint64_t bytes = 0;
  for (const LabelView& pair : metadata) bytes += pair.name.size() + pair.value.size();
  return bytes;
}

// now - age, without wrapping around.
int64_t Before(int64_t now, std::chrono::nanoseconds age) {
  int64_t result = 0;
  return __builtin_sub_overflow(now, age.count(), &result) ? INT64_MIN + 1 : result;
}
int64_t After(int64_t now, std::chrono::nanoseconds age) {
  int64_t result = 0;
  return __builtin_add_overflow(now, age.count(), &result) ? INT64_MAX : result;
}

// Checks the entries of one stream.
class EntryChecker {
 public:
  EntryChecker(const IngestLimits& limits, int64_t now)
      : limits_(limits),
        oldest_(limits.reject_old_samples ? Before(now, limits.reject_old_samples_max_age)
                                          : INT64_MIN + 1),
        newest_(After(now, limits.creation_grace_period)) {}

  // The first thing wrong with an entry.
  std::optional<RefusalReason> Check(const PushEntry& entry, std::span<const LabelView> metadata,
                                     uint64_t metadata_bytes) {
    // An entry without a timestamp is older than any.
    if (entry.timestamp < oldest_) return RefusalReason::kTooOld;
    if (entry.timestamp > newest_) return RefusalReason::kTooNew;
    if (limits_.max_line_size > 0 && entry.line.size() > limits_.max_line_size &&
        !limits_.max_line_size_truncate) {
      return RefusalReason::kLineTooLong;
    }
    if (metadata.empty()) return std::nullopt;
    return CheckMetadata(metadata, metadata_bytes);
  }

  // What is said of it.
  std::string Message(RefusalReason reason, const Stream& stream, const PushEntry& entry,
                      std::span<const LabelView> metadata, uint64_t metadata_bytes) const {
    const std::string_view text = stream.text;
    switch (reason) {
      case RefusalReason::kTooOld:
        return StrCat("entry for stream '", text,
                      "' has timestamp too old: ", FormatSeconds(entry.timestamp),
                      ", oldest acceptable timestamp is: ", FormatSeconds(oldest_));
      case RefusalReason::kTooNew:
        return StrCat("entry for stream '", text,
                      "' has timestamp too new: ", FormatSeconds(entry.timestamp));
      case RefusalReason::kLineTooLong:
        return StrCat("max entry size '", limits_.max_line_size, "' bytes exceeded for stream '",
                      text, "' while adding an entry with length '", entry.line.size(), "' bytes");
      case RefusalReason::kMetadataDisallowed:
        return StrCat("stream '", text,
                      "' includes structured metadata, but this feature is disallowed. Please see "
                      "`limits_config.allow_structured_metadata` or contact your Loki "
                      "administrator to enable it");
      case RefusalReason::kMetadataTooLarge:
        return StrCat("stream '", text, "' has structured metadata too large: '", metadata_bytes,
                      "' bytes, limit: '", limits_.max_structured_metadata_size,
                      "' bytes. Please see `limits_config.max_structured_metadata_size` or contact "
                      "your Loki administrator to increase it");
      case RefusalReason::kMetadataTooMany:
        return StrCat("stream '", text, "' has too many structured metadata labels: '",
                      metadata.size(), "', limit: '", limits_.max_structured_metadata_entries_count,
                      "'. Please see `limits_config.max_structured_metadata_entries_count` or "
                      "contact your Loki administrator to increase it");
      default:
        return std::string(skald::Message(CheckMetadataNames(metadata)));
    }
  }

 private:
  std::optional<RefusalReason> CheckMetadata(std::span<const LabelView> metadata, uint64_t bytes) {
    if (!limits_.allow_structured_metadata) return RefusalReason::kMetadataDisallowed;
    if (limits_.max_structured_metadata_size > 0 && bytes > limits_.max_structured_metadata_size) {
      return RefusalReason::kMetadataTooLarge;
    }
    if (limits_.max_structured_metadata_entries_count > 0 &&
        metadata.size() > limits_.max_structured_metadata_entries_count) {
      return RefusalReason::kMetadataTooMany;
    }
    const bool named = std::all_of(metadata.begin(), metadata.end(), [this](const LabelView& pair) {
      return names_.Passes(pair.name, [&](std::string_view) {
        return CheckMetadataNames({&pair, 1}).ok();
      });
    });
    if (!named) return RefusalReason::kMetadataNameInvalid;
    return std::nullopt;
  }

  const IngestLimits& limits_;
  const int64_t oldest_;
  const int64_t newest_;
  CheckedTexts names_;
};

// The place of a line's size in LineSizes.
size_t SizeClassOf(std::string_view line) {
  if (line.empty()) return 0;
  const auto bits = static_cast<size_t>(std::bit_width(line.size() - 1));
  return std::min<size_t>((bits + 2) / 3, std::tuple_size_v<LineSizes> - 1);
}

void CheckStream(const PushBatch& batch, size_t index, const Stream& stream, EntryChecker* checker,
                 Verdict* verdict) {
  const PushStream& pushed = batch.streams()[index];
  Usage& usage = verdict->streams[index];
  uint32_t ordinal = pushed.entries_begin;
  for (const PushEntry& entry : batch.EntriesOf(pushed)) {
    const std::span<const LabelView> metadata = batch.MetadataOf(entry);
    const uint64_t metadata_bytes = BytesOf(metadata);
    if (const auto reason = checker->Check(entry, metadata, metadata_bytes)) {
      verdict->refused.Add(ordinal);
      Discarded& discarded =
          verdict->discarded[verdict->classes[index]][static_cast<size_t>(*reason)];
      ++discarded.lines;
      discarded.bytes += entry.line.size() + metadata_bytes;
      verdict->errors.Add(
          [&] { return checker->Message(*reason, stream, entry, metadata, metadata_bytes); });
    } else {
      ++usage.lines;
      usage.line_bytes += entry.line.size();
      usage.metadata_bytes += metadata_bytes;
      ++verdict->line_sizes[SizeClassOf(entry.line)];
      verdict->newest = std::max(verdict->newest, entry.timestamp);
    }
    ++ordinal;
  }
  verdict->total.Add(usage);
}

}  // namespace

void Verdict::Reset(const PushBatch& batch, const ResolvedStreams& resolved,
                    const IngestSettings& settings) {
  refused.Reset(static_cast<uint32_t>(batch.entries().size()), false);
  streams.assign(batch.streams().size(), Usage());
  total = Usage();
  classes.clear();
  for (const auto& stream : resolved) classes.push_back(stream->stream_class);
  discarded.assign(settings.classes().size(), DiscardedByReason());
  errors = RefusalSummary();
  newest = kNoTimestamp;
  line_sizes = LineSizes();
}

void Verdict::Shrink() {
  if (refused.size() / 8 > kKeptBytes) refused = RowSet();
  ClearOrFree(&streams);
  ClearOrFree(&classes);
  errors = RefusalSummary();
}

std::vector<ClassTally> Verdict::Tallies() const {
  std::vector<ClassTally> tallies(discarded.size());
  for (size_t i = 0; i < tallies.size(); ++i) tallies[i].discarded = discarded[i];
  for (size_t i = 0; i < streams.size(); ++i) tallies[classes[i]].stored.Add(streams[i]);
  return tallies;
}

void Verdict::RefuseStream(const PushBatch& batch, size_t stream, RefusalReason reason) {
  const PushStream& pushed = batch.streams()[stream];
  Discarded& counter = discarded[classes[stream]][static_cast<size_t>(reason)];
  for (uint32_t i = 0; i < pushed.entry_count; ++i) {
    const uint32_t ordinal = pushed.entries_begin + i;
    if (refused.Contains(ordinal)) continue;
    const PushEntry& entry = batch.entries()[ordinal];
    refused.Add(ordinal);
    ++counter.lines;
    counter.bytes += entry.line.size() + BytesOf(batch.MetadataOf(entry));
  }
  Usage& usage = streams[stream];
  total.lines -= usage.lines;
  total.line_bytes -= usage.line_bytes;
  total.metadata_bytes -= usage.metadata_bytes;
  usage = Usage();
}

void RefuseStreams(const PushBatch& batch, const ResolvedStreams& streams, Verdict* verdict) {
  for (size_t i = 0; i < streams.size(); ++i) {
    if (!streams[i]->refusal || batch.streams()[i].entry_count == 0) continue;
    const StreamRefusal& refusal = *streams[i]->refusal;
    verdict->errors.Add([&] { return refusal.message; });
    verdict->RefuseStream(batch, i, refusal.reason);
  }
}

const ClassLimits* RefuseBlockedClasses(const PushBatch& batch, const ResolvedStreams& streams,
                                        const IngestSettings& settings, int64_t now,
                                        Verdict* verdict) {
  const ClassLimits* first = nullptr;
  if (!settings.blocks_policies()) return first;
  for (size_t i = 0; i < streams.size(); ++i) {
    const ClassLimits& limits = settings.classes()[streams[i]->stream_class];
    if (limits.blocked_until <= now || streams[i]->refusal) continue;
    if (first == nullptr) first = &limits;
    verdict->RefuseStream(batch, i, RefusalReason::kPolicyBlocked);
  }
  return first;
}

void CheckEntries(const PushBatch& batch, const ResolvedStreams& streams,
                  const IngestSettings& settings, int64_t now, Verdict* verdict) {
  EntryChecker checker(settings.limits(), now);
  for (size_t i = 0; i < streams.size(); ++i) {
    const PushStream& pushed = batch.streams()[i];
    // Until now streams are refused as a whole.
    if (pushed.entry_count == 0 || verdict->refused.Contains(pushed.entries_begin)) continue;
    CheckStream(batch, i, *streams[i]->stream, &checker, verdict);
  }
}

}  // namespace skald::ingest
