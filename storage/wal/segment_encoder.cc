#include "storage/wal/segment_encoder.h"

#include <utility>

#include "absl/cleanup/cleanup.h"

namespace skald::storage {

LogPosition SegmentEncoder::AddPush(std::string* out, const PushRecord& record) {
  return AddWhole(out, [&] {
    const uint64_t hash = SettingsHash(record.settings);
    const bool is_new = !settings_.contains(hash);
    if (is_new) AddPayload(out, WalRecordType::kSettings, record.settings);
    const size_t place = BeginRecord(out);
    EncodePush(out, record);
    const LogPosition position = Finish(out, place, static_cast<uint8_t>(WalRecordType::kPush));
    if (is_new) settings_.insert(hash);
    return position;
  });
}

LogPosition SegmentEncoder::AddRows(std::string* out, std::string_view payload) {
  return AddWhole(out, [&] { return AddPayload(out, WalRecordType::kRows, payload); });
}

LogPosition SegmentEncoder::AddEnd(std::string* out) {
  return AddWhole(out, [&] { return Finish(out, BeginRecord(out), kEndRecordType); });
}

LogPosition SegmentEncoder::AddWhole(std::string* out, absl::FunctionRef<LogPosition()> add) {
  absl::Cleanup undo = [this, out, size = out->size(), ordinal = next_ordinal_] {
    out->resize(size);
    next_ordinal_ = ordinal;
  };
  const LogPosition position = add();
  std::move(undo).Cancel();
  return position;
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
