#include "storage/wal/segment_encoder.h"

namespace skald::storage {

LogPosition SegmentEncoder::AddPush(std::string* out, const PushRecord& record) {
  const uint64_t hash = SettingsHash(record.settings);
  if (settings_.insert(hash).second) AddPayload(out, WalRecordType::kSettings, record.settings);
  const size_t place = BeginRecord(out);
  EncodePush(out, record);
  return Finish(out, place, static_cast<uint8_t>(WalRecordType::kPush));
}

LogPosition SegmentEncoder::AddRows(std::string* out, std::string_view payload) {
  return AddPayload(out, WalRecordType::kRows, payload);
}

LogPosition SegmentEncoder::AddEnd(std::string* out) {
  return Finish(out, BeginRecord(out), kEndRecordType);
}

LogPosition SegmentEncoder::AddPayload(std::string* out, WalRecordType type,
                                       std::string_view payload) {
  const size_t place = BeginRecord(out);
  out->append(payload);
  return Finish(out, place, static_cast<uint8_t>(type));
}

LogPosition SegmentEncoder::Finish(std::string* out, size_t place, uint8_t type) {
  const uint64_t ordinal = next_ordinal_++;
  FinishRecord(out, place, header_, type, ordinal);
  return {header_.number, ordinal};
}

}  // namespace skald::storage
