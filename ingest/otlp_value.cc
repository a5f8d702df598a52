#include "ingest/otlp_value.h"

#include <bit>

#include "ingest/wire_reader.h"

namespace skald::ingest {

StatusOr<AnyValue> ParseAnyValue(std::string_view message) {
  AnyValue value;
  WireReader reader(message, "AnyValue");
  uint64_t bits = 0;
  while (!reader.AtEnd()) {
    RETURN_IF_ERROR(reader.ReadTag());
    switch (reader.field()) {
      case 1:
        RETURN_IF_ERROR(reader.ReadBytes("StringValue", &value.bytes));
        value.kind = AnyKind::kString;
        break;
      case 2:
        RETURN_IF_ERROR(reader.ReadVarint("BoolValue", &bits));
        value.kind = AnyKind::kBool;
        value.integer = bits != 0 ? 1 : 0;
        break;
      case 3:
        RETURN_IF_ERROR(reader.ReadVarint("IntValue", &bits));
        value.kind = AnyKind::kInt;
        value.integer = static_cast<int64_t>(bits);
        break;
      case 4:
        RETURN_IF_ERROR(reader.ReadFixed64("DoubleValue", &bits));
        value.kind = AnyKind::kDouble;
        value.number = std::bit_cast<double>(bits);
        break;
      case 5:
        RETURN_IF_ERROR(reader.ReadBytes("ArrayValue", &value.bytes));
        value.kind = AnyKind::kArray;
        break;
      case 6:
        RETURN_IF_ERROR(reader.ReadBytes("KvlistValue", &value.bytes));
        value.kind = AnyKind::kMap;
        break;
      case 7:
        RETURN_IF_ERROR(reader.ReadBytes("BytesValue", &value.bytes));
        value.kind = AnyKind::kBytes;
        break;
      default:
        RETURN_IF_ERROR(reader.Skip());
    }
  }
  return value;
}

StatusOr<KeyValue> ParseKeyValue(std::string_view message) {
  KeyValue pair;
  WireReader reader(message, "KeyValue");
  while (!reader.AtEnd()) {
    RETURN_IF_ERROR(reader.ReadTag());
    switch (reader.field()) {
      case 1:
        RETURN_IF_ERROR(reader.ReadBytes("Key", &pair.key));
        break;
      case 2:
        RETURN_IF_ERROR(reader.ReadBytes("Value", &pair.value));
        break;
      default:
        RETURN_IF_ERROR(reader.Skip());
    }
  }
  return pair;
}

}  // namespace skald::ingest
