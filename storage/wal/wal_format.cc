#include "storage/wal/wal_format.h"

#include "absl/strings/str_format.h"
#include "storage/base/coding.h"
#include "storage/base/hash.h"

namespace skald::storage {
namespace {

constexpr std::string_view kSegmentSuffix = ".wal";
constexpr size_t kNumberDigits = 16;

}  // namespace

uint64_t SettingsHash(std::string_view settings) { return Hash64(settings); }

void EncodePush(std::string* out, const PushRecord& record) {
  out->push_back(static_cast<char>(record.body_format));
  PutFixed64(out, SettingsHash(record.settings));
  PutFixed64(out, static_cast<uint64_t>(record.receive_time));
  PutLengthPrefixed(out, record.tenant);
  PutLengthPrefixed(out, record.rejections);
  out->append(record.body);
}

StatusOr<PushPayload> DecodePush(std::string_view payload) {
  PushPayload push;
  ByteReader reader(payload);
  uint64_t receive_time = 0;
  const bool complete =
      reader.ReadByte(&push.record.body_format) && reader.ReadFixed64(&push.settings_hash) &&
      reader.ReadFixed64(&receive_time) && reader.ReadLengthPrefixed(&push.record.tenant) &&
      reader.ReadLengthPrefixed(&push.record.rejections);
  if (!complete) return DataLoss("the push record is malformed");
  push.record.receive_time = static_cast<int64_t>(receive_time);
  push.record.body = reader.rest();
  return push;
}

std::string SegmentFileName(uint64_t segment) {
  return absl::StrFormat("%016x%s", segment, kSegmentSuffix);
}

std::optional<uint64_t> ParseSegmentFileName(std::string_view name) {
  if (name.size() != kNumberDigits + kSegmentSuffix.size() || !name.ends_with(kSegmentSuffix)) {
    return std::nullopt;
  }
  uint64_t segment = 0;
  for (const char digit : name.substr(0, kNumberDigits)) {
    const size_t value = std::string_view("0123456789abcdef").find(digit);
    if (value == std::string_view::npos) return std::nullopt;
    segment = segment << 4 | value;
  }
  return segment;
}

}  // namespace skald::storage
