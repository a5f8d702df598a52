#include "ingest/record_decoder.h"

#include "ingest/refused_entries.h"
#include "storage/base/units.h"

namespace skald::ingest {
namespace {

constexpr size_t kCacheBytes = 32_MiB;
constexpr size_t kMaxKnownSettings = 1000;
// The log holds what was accepted once; today's limit on bodies does not matter.
constexpr uint64_t kMaxBody = 64_GiB;

Status AsDataLoss(const Status& status) {
  return DataLoss(StrCat("decoding a logged push: ", Message(status)));
}

// True if an entry of the stream was stored.
bool HasRows(const PushStream& stream, const RowSet& refused) {
  for (uint32_t i = 0; i < stream.entry_count; ++i) {
    if (!refused.Contains(stream.entries_begin + i)) return true;
  }
  return false;
}

}  // namespace

PushRecordDecoder::PushRecordDecoder() : cache_(kCacheBytes) {}

Status PushRecordDecoder::Decode(const storage::PushRecord& record,
                                 absl::FunctionRef<void(std::span<const StreamRows>)> sink) {
  std::span<const StreamRows> rows;
  const Status status = DecodeRows(record, &rows);
  if (!status.ok()) return AsDataLoss(status);
  if (!rows.empty()) sink(rows);
  return absl::OkStatus();
}

Status PushRecordDecoder::DecodeRows(const storage::PushRecord& record,
                                     std::span<const StreamRows>* rows) {
  RETURN_IF_ERROR(UseSettings(record.settings));
  ASSIGN_OR_RETURN(const BodyFormat format, BodyFormat::FromByte(record.body_format));
  RETURN_IF_ERROR(decoder_.Decode({format, record.body, record.receive_time},
                                  settings_->otlp_mapping(), kMaxBody, &memory_, &batch_));
  ASSIGN_OR_RETURN(
      const RowSet refused,
      DecodeRefused(record.rejections, static_cast<uint32_t>(batch_.entries().size())));
  RETURN_IF_ERROR(ResolveStreams(refused));
  ASSIGN_OR_RETURN(*rows, rows_.Build(batch_, streams_, refused, *settings_, &memory_));
  return absl::OkStatus();
}

Status PushRecordDecoder::UseSettings(std::string_view serialized) {
  if (settings_ != nullptr && settings_->serialized() == serialized) return absl::OkStatus();
  if (const auto known = known_settings_.find(serialized); known != known_settings_.end()) {
    settings_ = known->second;
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(IngestLimits limits, ParseLimits(serialized));
  ASSIGN_OR_RETURN(settings_, IngestSettings::Create(std::move(limits)));
  if (known_settings_.size() >= kMaxKnownSettings) known_settings_.clear();
  known_settings_.emplace(serialized, settings_);
  return absl::OkStatus();
}

Status PushRecordDecoder::ResolveStreams(const RowSet& refused) {
  streams_.clear();
  for (const PushStream& stream : batch_.streams()) {
    // What was refused may be text of any size.
    if (!HasRows(stream, refused)) {
      streams_.push_back(nothing_);
      continue;
    }
    streams_.push_back(cache_.Resolve(stream.labels, {}, *settings_));
    RETURN_IF_ERROR(streams_.back()->parse_error);
  }
  return absl::OkStatus();
}

}  // namespace skald::ingest
