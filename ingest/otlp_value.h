// OpenTelemetry's AnyValue, read in place from its wire form.
#pragma once

#include <cstdint>
#include <string_view>

#include "storage/base/status.h"

namespace skald::ingest {

enum class AnyKind : uint8_t { kEmpty, kString, kBool, kInt, kDouble, kArray, kMap, kBytes };

// A value whose nested messages are still in wire form: `bytes` is the text, the bytes, or the
// ArrayValue or KeyValueList message.
struct AnyValue {
  AnyKind kind = AnyKind::kEmpty;
  std::string_view bytes;
  int64_t integer = 0;  // also the boolean
  double number = 0;
};

// One KeyValue message.
struct KeyValue {
  std::string_view key;
  std::string_view value;  // the AnyValue message
};

// How deep values may nest.
inline constexpr int kMaxValueDepth = 64;

StatusOr<AnyValue> ParseAnyValue(std::string_view message);
StatusOr<KeyValue> ParseKeyValue(std::string_view message);

}  // namespace skald::ingest
