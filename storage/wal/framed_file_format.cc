#include "storage/wal/framed_file_format.h"

#include <sys/random.h>

#include "storage/base/check.h"
#include "storage/base/coding.h"
#include "storage/base/crc32c.h"

namespace skald::storage {
namespace {

// Offsets within a record.
constexpr size_t kTypeOffset = 8;
constexpr size_t kPayloadChecksumOffset = 21;
constexpr size_t kHeaderChecksumOffset = 25;

// Binds a record's header to its file.
uint32_t RecordHeaderChecksum(const char* record, uint64_t number) {
  std::string seed;
  PutFixed64(&seed, number);
  return Crc32c({record + kTypeOffset, kHeaderChecksumOffset - kTypeOffset}, Crc32c(seed));
}

}  // namespace

uint64_t NewMarker() {
  uint64_t marker = 0;
  // Eight bytes are never delivered in part, and no signal interrupts them.
  SKALD_CHECK(::getrandom(&marker, sizeof(marker), 0) == sizeof(marker));
  return marker;
}

std::string EncodeFileHeader(const FramedFileHeader& header) {
  std::string out(header.kind);
  PutFixed32(&out, kFramedFileVersion);
  PutFixed64(&out, header.number);
  PutFixed64(&out, static_cast<uint64_t>(header.created));
  PutFixed64(&out, header.marker);
  PutFixed32(&out, Crc32c(out));
  return out;
}

StatusOr<FramedFileHeader> DecodeFileHeader(std::string_view bytes, std::string_view kind) {
  if (bytes.size() < kFileHeaderSize) return DataLoss("the file header is cut short");
  ByteReader reader(bytes.substr(kind.size(), kFileHeaderSize - kind.size()));
  FramedFileHeader header{.kind = kind};
  uint32_t version = 0;
  uint64_t created = 0;
  uint32_t checksum = 0;
  const bool complete = reader.ReadFixed32(&version) && reader.ReadFixed64(&header.number) &&
                        reader.ReadFixed64(&created) && reader.ReadFixed64(&header.marker) &&
                        reader.ReadFixed32(&checksum);
  header.created = static_cast<int64_t>(created);
  if (!complete || checksum != Crc32c(bytes.substr(0, kFileHeaderSize - sizeof(checksum)))) {
    return DataLoss("the file header is damaged");
  }
  if (bytes.substr(0, kind.size()) != kind) return DataLoss("the file is of another kind");
  if (version != kFramedFileVersion) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the file has format version ", version, ", this program knows only ", kFramedFileVersion));
  }
  return header;
}

size_t BeginRecord(std::string* out) {
  const size_t place = out->size();
  out->append(kRecordHeaderSize, '\0');
  return place;
}

void FinishRecord(std::string* out, size_t place, const FramedFileHeader& file, uint8_t type,
                  uint64_t ordinal) {
  const std::string_view payload = std::string_view(*out).substr(place + kRecordHeaderSize);
  SKALD_CHECK(payload.size() <= kMaxPayloadSize);
  std::string fields;
  PutFixed64(&fields, file.marker);
  fields.push_back(static_cast<char>(type));
  PutFixed32(&fields, static_cast<uint32_t>(payload.size()));
  PutFixed64(&fields, ordinal);
  PutFixed32(&fields, Crc32c(payload));
  PutFixed32(&fields, RecordHeaderChecksum(fields.data(), file.number));
  SKALD_DCHECK(fields.size() == kRecordHeaderSize);
  out->replace(place, kRecordHeaderSize, fields);
}

std::optional<RecordHeader> DecodeRecordHeader(std::string_view bytes, uint64_t number,
                                               uint64_t marker) {
  if (bytes.size() < kRecordHeaderSize) return std::nullopt;
  if (LoadFixed<uint64_t>(bytes.data()) != marker) return std::nullopt;
  const uint32_t checksum = LoadFixed<uint32_t>(bytes.data() + kHeaderChecksumOffset);
  if (checksum != RecordHeaderChecksum(bytes.data(), number)) return std::nullopt;
  const char* const fields = bytes.data() + kTypeOffset;
  const RecordHeader header{
      .type = LoadFixed<uint8_t>(fields),
      .payload_size = LoadFixed<uint32_t>(fields + 1),
      .ordinal = LoadFixed<uint64_t>(fields + 5),
      .payload_checksum = LoadFixed<uint32_t>(bytes.data() + kPayloadChecksumOffset)};
  if (header.payload_size > kMaxPayloadSize) return std::nullopt;
  return header;
}

}  // namespace skald::storage
