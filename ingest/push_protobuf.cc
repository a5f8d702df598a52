#include "ingest/push_protobuf.h"

#include <cstdint>

#include "ingest/wire_reader.h"

namespace skald::ingest {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;
// The years 1 and 10000, between which a protobuf timestamp lies.
constexpr int64_t kMinSeconds = -62'135'596'800;
constexpr int64_t kMaxSeconds = 253'402'300'800;

Status TimestampError(int64_t seconds, int32_t nanos, const char* problem) {
  return InvalidArgument(StrCat("timestamp: &types.Timestamp{Seconds: ", seconds,
                                ",\nNanos: ", nanos, ",\n}", problem));
}

// The nearest representable time: those of 64-bit nanoseconds end in the year 2262.
int64_t ToNanos(int64_t seconds, int32_t nanos) {
  int64_t result = 0;
  if (__builtin_mul_overflow(seconds, kNanosPerSecond, &result) ||
      __builtin_add_overflow(result, nanos, &result)) {
    return seconds < 0 ? kNoTimestamp + 1 : INT64_MAX;
  }
  return result;
}

Status ReadTimestamp(std::string_view message, int64_t* timestamp) {
  WireReader reader(message, "Timestamp");
  uint64_t seconds_bits = 0;
  uint64_t nanos_bits = 0;
  while (!reader.AtEnd()) {
    RETURN_IF_ERROR(reader.ReadTag());
    switch (reader.field()) {
      case 1:
        RETURN_IF_ERROR(reader.ReadVarint("Seconds", &seconds_bits));
        break;
      case 2:
        RETURN_IF_ERROR(reader.ReadVarint("Nanos", &nanos_bits));
        break;
      default:
        RETURN_IF_ERROR(reader.Skip());
    }
  }
  const auto seconds = static_cast<int64_t>(seconds_bits);
  const auto nanos = static_cast<int32_t>(nanos_bits);
  if (seconds < kMinSeconds) return TimestampError(seconds, nanos, " before 0001-01-01");
  if (seconds >= kMaxSeconds) return TimestampError(seconds, nanos, " after 10000-01-01");
  if (nanos < 0 || nanos >= kNanosPerSecond) {
    return TimestampError(seconds, nanos, ": nanos not in range [0, 1e9)");
  }
  *timestamp = ToNanos(seconds, nanos);
  return absl::OkStatus();
}

Status ReadPair(std::string_view message, PushBatch* batch) {
  WireReader reader(message, "LabelPairAdapter");
  std::string_view name;
  std::string_view value;
  while (!reader.AtEnd()) {
    RETURN_IF_ERROR(reader.ReadTag());
    switch (reader.field()) {
      case 1:
        RETURN_IF_ERROR(reader.ReadBytes("Name", &name));
        break;
      case 2:
        RETURN_IF_ERROR(reader.ReadBytes("Value", &value));
        break;
      default:
        RETURN_IF_ERROR(reader.Skip());
    }
  }
  return batch->AddMetadata(name, value);
}

Status ReadEntry(std::string_view message, PushBatch* batch) {
  RETURN_IF_ERROR(batch->AddEntry(kNoTimestamp, {}));
  WireReader reader(message, "EntryAdapter");
  std::string_view field;
  while (!reader.AtEnd()) {
    RETURN_IF_ERROR(reader.ReadTag());
    switch (reader.field()) {
      case 1:
        RETURN_IF_ERROR(reader.ReadBytes("Timestamp", &field));
        RETURN_IF_ERROR(ReadTimestamp(field, &batch->last_entry()->timestamp));
        break;
      case 2:
        RETURN_IF_ERROR(reader.ReadBytes("Line", &batch->last_entry()->line));
        break;
      case 3:
        RETURN_IF_ERROR(reader.ReadBytes("StructuredMetadata", &field));
        RETURN_IF_ERROR(ReadPair(field, batch));
        break;
      default:
        RETURN_IF_ERROR(reader.Skip());
    }
  }
  return absl::OkStatus();
}

Status ReadStream(std::string_view message, PushBatch* batch) {
  RETURN_IF_ERROR(batch->BeginStream({}));
  WireReader reader(message, "StreamAdapter");
  std::string_view field;
  while (!reader.AtEnd()) {
    RETURN_IF_ERROR(reader.ReadTag());
    switch (reader.field()) {
      case 1:
        RETURN_IF_ERROR(reader.ReadBytes("Labels", &field));
        batch->SetLabels(field);
        break;
      case 2:
        RETURN_IF_ERROR(reader.ReadBytes("Entries", &field));
        RETURN_IF_ERROR(ReadEntry(field, batch));
        break;
      default:
        RETURN_IF_ERROR(reader.Skip());
    }
  }
  return absl::OkStatus();
}

}  // namespace

Status DecodeProtobufPush(std::string_view message, PushBatch* batch) {
  WireReader reader(message, "PushRequest");
  std::string_view stream;
  while (!reader.AtEnd()) {
    RETURN_IF_ERROR(reader.ReadTag());
    if (reader.field() == 1) {
      RETURN_IF_ERROR(reader.ReadBytes("Streams", &stream));
      RETURN_IF_ERROR(ReadStream(stream, batch));
    } else {
      RETURN_IF_ERROR(reader.Skip());
    }
  }
  return absl::OkStatus();
}

}  // namespace skald::ingest
