// The payload of rows records; its layout stands in wal_format.h.
#include <deque>
#include <utility>

#include "storage/base/coding.h"
#include "storage/wal/framed_file_format.h"
#include "storage/wal/wal_format.h"

namespace skald::storage {
namespace {

enum class Compression : uint8_t { kNone = 0, kZstd = 1 };

// What one stream, row or pair takes at least; bounds what a count may make us allocate.
constexpr size_t kMinStreamSize = 2;
constexpr size_t kMinRowSize = 4;
constexpr size_t kMinPairSize = 2;

void PutPosition(std::string* out, LogPosition position) {
  PutVarint64(out, position.segment);
  PutVarint64(out, position.record);
}

void PutRow(std::string* out, const Row& row, int64_t previous) {
  // Modulo 2^64, as the decoder adds it again: the difference may not fit.
  PutZigzag64(out, static_cast<int64_t>(static_cast<uint64_t>(row.timestamp) -
                                        static_cast<uint64_t>(previous)));
  PutLengthPrefixed(out, row.line);
  PutLengthPrefixed(out, row.detected_level);
  PutVarint64(out, row.metadata.size());
  for (const LabelView& pair : row.metadata) {
    PutLengthPrefixed(out, pair.name);
    PutLengthPrefixed(out, pair.value);
  }
}

void PutStream(std::string* out, const StreamRows& stream) {
  const LabelSet& labels = stream.stream->labels;
  PutVarint64(out, labels.size());
  for (size_t i = 0; i < labels.size(); ++i) {
    PutLengthPrefixed(out, labels[i].name);
    PutLengthPrefixed(out, labels[i].value);
  }
  PutVarint64(out, stream.rows.size());
  int64_t previous = 0;
  for (const Row& row : stream.rows) {
    PutRow(out, row, previous);
    previous = row.timestamp;
  }
}

std::string EncodeRaw(const RowsRecord& record) {
  std::string raw;
  PutLengthPrefixed(&raw, record.tenant);
  PutFixed64(&raw, static_cast<uint64_t>(record.receive_time));
  PutPosition(&raw, record.first_origin);
  PutPosition(&raw, record.last_origin);
  PutVarint64(&raw, record.streams.size());
  for (const StreamRows& stream : record.streams) PutStream(&raw, stream);
  return raw;
}

}  // namespace

std::string EncodeRows(const RowsRecord& record, ZstdCompressor* compressor) {
  const std::string raw = EncodeRaw(record);
  std::string compressed;
  const bool smaller =
      compressor->Compress(raw, &compressed).ok() && compressed.size() < raw.size();
  std::string out;
  out.push_back(static_cast<char>(smaller ? Compression::kZstd : Compression::kNone));
  PutVarint64(&out, raw.size());
  out.append(smaller ? compressed : raw);
  return out;
}

// Rows and metadata lie in containers whose elements never move.
struct DecodedRows::Storage {
  std::string raw;
  std::deque<std::vector<Row>> rows;
  std::deque<std::vector<LabelView>> metadata;
  std::vector<StreamRows> streams;
  RowsRecord record;

  bool Parse();

 private:
  bool ParseStream(ByteReader* reader);
  bool ParseRow(ByteReader* reader, int64_t previous, Row* row);
};

namespace {

// Reads a count of things that take at least `min_size` bytes each.
bool ReadCount(ByteReader* reader, size_t min_size, uint64_t* count) {
  return reader->ReadVarint64(count) && *count <= reader->remaining() / min_size;
}

bool ReadPosition(ByteReader* reader, LogPosition* position) {
  return reader->ReadVarint64(&position->segment) && reader->ReadVarint64(&position->record);
}

bool ReadPair(ByteReader* reader, LabelView* pair) {
  return reader->ReadLengthPrefixed(&pair->name) && reader->ReadLengthPrefixed(&pair->value);
}

}  // namespace

bool DecodedRows::Storage::Parse() {
  ByteReader reader(raw);
  uint64_t receive_time = 0;
  uint64_t count = 0;
  if (!reader.ReadLengthPrefixed(&record.tenant) || !reader.ReadFixed64(&receive_time) ||
      !ReadPosition(&reader, &record.first_origin) || !ReadPosition(&reader, &record.last_origin) ||
      !ReadCount(&reader, kMinStreamSize, &count)) {
    return false;
  }
  record.receive_time = static_cast<int64_t>(receive_time);
  for (uint64_t i = 0; i < count; ++i) {
    if (!ParseStream(&reader)) return false;
  }
  record.streams = streams;
  return reader.empty();
}

bool DecodedRows::Storage::ParseStream(ByteReader* reader) {
  uint64_t count = 0;
  if (!ReadCount(reader, kMinPairSize, &count)) return false;
  std::vector<std::pair<std::string, std::string>> labels;
  for (uint64_t i = 0; i < count; ++i) {
    LabelView label;
    if (!ReadPair(reader, &label)) return false;
    labels.emplace_back(label.name, label.value);
  }
  if (!ReadCount(reader, kMinRowSize, &count)) return false;
  std::vector<Row>& stream_rows = rows.emplace_back(count);
  int64_t previous = 0;
  for (Row& row : stream_rows) {
    if (!ParseRow(reader, previous, &row)) return false;
    previous = row.timestamp;
  }
  streams.push_back(
      {std::make_shared<const Stream>(LabelSet::FromPairs(std::move(labels))), stream_rows});
  return true;
}

bool DecodedRows::Storage::ParseRow(ByteReader* reader, int64_t previous, Row* row) {
  int64_t step = 0;
  uint64_t count = 0;
  if (!reader->ReadZigzag64(&step) || !reader->ReadLengthPrefixed(&row->line) ||
      !reader->ReadLengthPrefixed(&row->detected_level) ||
      !ReadCount(reader, kMinPairSize, &count)) {
    return false;
  }
  row->timestamp =
      static_cast<int64_t>(static_cast<uint64_t>(previous) + static_cast<uint64_t>(step));
  if (count == 0) return true;
  std::vector<LabelView>& pairs = metadata.emplace_back(count);
  for (LabelView& pair : pairs) {
    if (!ReadPair(reader, &pair)) return false;
  }
  row->metadata = pairs;
  return true;
}

DecodedRows::DecodedRows(std::unique_ptr<Storage> storage) : storage_(std::move(storage)) {}
DecodedRows::DecodedRows(DecodedRows&&) noexcept = default;
DecodedRows& DecodedRows::operator=(DecodedRows&&) noexcept = default;
DecodedRows::~DecodedRows() = default;

const RowsRecord& DecodedRows::record() const { return storage_->record; }

StatusOr<DecodedRows> DecodedRows::Decode(std::string_view payload) {
  const Status malformed = DataLoss("the rows record is malformed");
  ByteReader reader(payload);
  uint8_t compression = 0;
  uint64_t raw_size = 0;
  if (!reader.ReadByte(&compression) || !reader.ReadVarint64(&raw_size)) return malformed;
  if (raw_size > kMaxPayloadSize) return malformed;
  auto storage = std::make_unique<Storage>();
  if (compression == static_cast<uint8_t>(Compression::kNone)) {
    storage->raw = std::string(reader.rest());
  } else if (compression == static_cast<uint8_t>(Compression::kZstd)) {
    ASSIGN_OR_RETURN(const uint64_t stated, ZstdFrameSize(reader.rest()));
    if (stated != raw_size) return malformed;
    storage->raw.resize(raw_size);
    RETURN_IF_ERROR(ZstdDecompressor().Decompress(reader.rest(), storage->raw.data(), raw_size));
  } else {
    return malformed;
  }
  if (storage->raw.size() != raw_size || !storage->Parse()) return malformed;
  return DecodedRows(std::move(storage));
}

}  // namespace skald::storage
