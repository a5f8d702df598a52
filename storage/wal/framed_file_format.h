// The framing that log segments and the manifest share: a header, then checksummed records that can
// be found again after damage. All integers are little-endian; checksums are CRC-32C (Castagnoli).
//
// File header:
//   offset size
//   0      8    kind: "SKALDWAL", "SKALDMAN"
//   8      4    version, 1
//   12     8    number: the segment's; 1 in a manifest
//   20     8    creation, wall nanoseconds
//   28     8    marker: random, nowhere else in this log
//   36     4    checksum of bytes 0-35
//
// Record:
//   offset size
//   0      8    marker, as in the header
//   8      1    type: the kind's own, or 255: the file was closed in order, nothing follows
//   9      4    payload length
//   13     8    ordinal: 1, 2, 3 ...
//   21     4    checksum of the payload
//   25     4    checksum of the file's number (8 bytes), then of bytes 8-24
//   29     n    payload
//
// The number in the checksum and the random marker keep recycled bytes of another file, and bytes
// that a client put into a payload, from ever passing for a record. The header's own checksum makes
// the length trustworthy, so a damaged payload costs its record only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/base/status.h"
#include "storage/base/units.h"

namespace skald::storage {

inline constexpr uint32_t kFramedFileVersion = 1;
inline constexpr size_t kFileHeaderSize = 40;
inline constexpr size_t kRecordHeaderSize = 29;
inline constexpr size_t kMarkerSize = 8;
inline constexpr uint64_t kMaxPayloadSize = 1_GiB;
inline constexpr uint8_t kEndRecordType = 255;

inline constexpr std::string_view kWalKind = "SKALDWAL";
inline constexpr std::string_view kManifestKind = "SKALDMAN";

struct FramedFileHeader {
  std::string_view kind;  // one of the constants above
  uint64_t number = 0;
  int64_t created = 0;  // wall nanoseconds
  uint64_t marker = 0;
};

struct RecordHeader {
  uint8_t type = 0;
  uint32_t payload_size = 0;
  uint64_t ordinal = 0;
  uint32_t payload_checksum = 0;
};

// A marker that nobody can foresee.
uint64_t NewMarker();

std::string EncodeFileHeader(const FramedFileHeader& header);

// DataLoss: not such a header, or damaged. FailedPrecondition: of a newer version.
StatusOr<FramedFileHeader> DecodeFileHeader(std::string_view bytes, std::string_view kind);

// Starts a record at the end of `out`, where the caller then appends the payload. Returns the
// record's place, for FinishRecord.
size_t BeginRecord(std::string* out);
// Completes the record begun at `place`, whose payload reaches to the end of `out`.
// REQUIRES: the payload has at most kMaxPayloadSize bytes.
void FinishRecord(std::string* out, size_t place, const FramedFileHeader& file, uint8_t type,
                  uint64_t ordinal);

// The record header at the start of `bytes`; nullopt if there is none with this marker in the file
// of this number.
std::optional<RecordHeader> DecodeRecordHeader(std::string_view bytes, uint64_t number,
                                               uint64_t marker);

}  // namespace skald::storage
