// What the write-ahead log's segments hold: file names, record types, and the payload of each type.
//
// A segment `<16 hex digits>.wal` is a framed file (framed_file_format.h) whose number is the
// segment's. Payloads, little-endian, `bytes` being a varint length and that many bytes:
//
//   kSettings  the settings' bytes, nothing else; named elsewhere by their XXH3-64 hash
//   kPush      u8 body format | u64 settings hash | i64 receive time
//              | bytes tenant | bytes rejections | body (the rest)
//   kRows      u8 compression (0 none, 1 zstd) | varint raw size | rows, perhaps compressed:
//              bytes tenant | i64 receive time | 4 varints: first and last origin
//              | varint streams, each: varint labels, each (bytes name, bytes value)
//                | varint rows, each: zigzag varint timestamp minus the row before's | bytes line
//                  | bytes detected level | varint pairs, each (bytes name, bytes value)
//
// A settings record stands in a segment before the first push that names it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/compression.h"
#include "storage/base/status.h"
#include "storage/model/ids.h"
#include "storage/model/row.h"
#include "storage/writer.h"

namespace skald::storage {

enum class WalRecordType : uint8_t { kSettings = 1, kPush = 2, kRows = 3 };

// Rows in canonical form, as a small tenant's are logged again in place of being flushed.
struct RowsRecord {
  std::string_view tenant;
  int64_t receive_time = 0;  // wall nanoseconds, when they were logged again
  // The positions between which the rows were logged the first time, for inspection: a replay goes
  // by the record's own, so rows that were pushed between the two come before these where stream
  // and nanosecond are the same. No delete request lies between: its fence makes all tenants parts.
  LogPosition first_origin = {};
  LogPosition last_origin = {};
  std::span<const StreamRows> streams;
};

// A push payload taken apart; views into the payload.
struct PushPayload {
  PushRecord record;  // without settings
  uint64_t settings_hash = 0;
};

// A decoded rows payload, owning what its record points to.
// Threads: externally synchronised. Movable; the record stays valid.
class DecodedRows {
 public:
  DecodedRows(DecodedRows&&) noexcept;
  DecodedRows& operator=(DecodedRows&&) noexcept;
  ~DecodedRows();

  const RowsRecord& record() const;

  // DataLoss when the payload is malformed. Nothing of `payload` is kept.
  static StatusOr<DecodedRows> Decode(std::string_view payload);

 private:
  struct Storage;
  explicit DecodedRows(std::unique_ptr<Storage> storage);
  std::unique_ptr<Storage> storage_;
};

// The name under which pushes refer to settings.
uint64_t SettingsHash(std::string_view settings);

// Appends the push's payload to `out`.
void EncodePush(std::string* out, const PushRecord& record);
// DataLoss when the payload is malformed.
StatusOr<PushPayload> DecodePush(std::string_view payload);

// The payload of a rows record, compressed where that makes it smaller.
std::string EncodeRows(const RowsRecord& record, ZstdCompressor* compressor);

// `<16 hex digits>.wal`, and its number again; nullopt for any other name.
std::string SegmentFileName(uint64_t segment);
std::optional<uint64_t> ParseSegmentFileName(std::string_view name);

}  // namespace skald::storage
