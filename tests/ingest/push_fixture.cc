#include "tests/ingest/push_fixture.h"

#include <lz4frame.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdio>
#include <ostream>
#include <sstream>

#include "storage/base/coding.h"

namespace skald::ingest {
namespace {

std::string Quote(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      char buffer[8];
      std::snprintf(buffer, sizeof(buffer), "\\u%04x", byte);
      out += buffer;
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string JsonObject(const Pairs& pairs) {
  std::string out = "{";
  for (const auto& [name, value] : pairs) {
    StrAppend(&out, out.size() > 1 ? "," : "", Quote(name), ":", Quote(value));
  }
  return out + "}";
}

}  // namespace

std::string BytesField(uint32_t number, std::string_view bytes) {
  std::string out;
  PutVarint32(&out, number << 3 | 2);
  PutLengthPrefixed(&out, bytes);
  return out;
}

std::string VarintField(uint32_t number, uint64_t value) {
  std::string out;
  PutVarint32(&out, number << 3);
  PutVarint64(&out, value);
  return out;
}

std::string Fixed64Field(uint32_t number, uint64_t value) {
  std::string out;
  PutVarint32(&out, number << 3 | 1);
  PutFixed64(&out, value);
  return out;
}

std::string ProtobufStream(std::string_view labels, const std::vector<TestEntry>& entries) {
  std::string stream = BytesField(1, labels);
  for (const TestEntry& entry : entries) {
    const std::string time = VarintField(1, static_cast<uint64_t>(entry.timestamp / kSecondNs)) +
                             VarintField(2, static_cast<uint64_t>(entry.timestamp % kSecondNs));
    std::string message = BytesField(1, time) + BytesField(2, entry.line);
    for (const auto& [name, value] : entry.metadata) {
      message += BytesField(3, BytesField(1, name) + BytesField(2, value));
    }
    stream += BytesField(2, message);
  }
  return BytesField(1, stream);
}

std::string Snappy(std::string_view message) {
  std::string out;
  snappy::Compress(message.data(), message.size(), &out);
  return out;
}

namespace {
std::string RunDeflate(std::string_view bytes, int window_bits) {
  z_stream stream = {};
  deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
}  // namespace

std::string Gzip(std::string_view bytes) { return RunDeflate(bytes, 15 + 16); }
std::string Deflate(std::string_view bytes, bool raw) { return RunDeflate(bytes, raw ? -15 : 15); }

std::string ZstdFrame(std::string_view bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 1));
  return out;
}

std::string Lz4Frame(std::string_view bytes) {
  std::string out(LZ4F_compressFrameBound(bytes.size(), nullptr), '\0');
  out.resize(LZ4F_compressFrame(out.data(), out.size(), bytes.data(), bytes.size(), nullptr));
  return out;
}

std::string JsonPush(const Pairs& labels, const std::vector<TestEntry>& entries) {
  std::string values;
  for (const TestEntry& entry : entries) {
    StrAppend(&values, values.empty() ? "" : ",", "[\"", entry.timestamp, "\",", Quote(entry.line));
    if (!entry.metadata.empty()) StrAppend(&values, ",", JsonObject(entry.metadata));
    values += "]";
  }
  return StrCat("{\"streams\":[{\"stream\":", JsonObject(labels), ",\"values\":[", values, "]}]}");
}

void PrintTo(const StoredRow& row, std::ostream* out) {
  *out << row.stream << " " << row.timestamp << " `" << row.line << "`";
  for (const auto& [name, value] : row.metadata) *out << " " << name << "=" << value;
  *out << " level=" << row.level;
}

std::vector<StoredRow> CopyRows(std::span<const StreamRows> streams) {
  std::vector<StoredRow> copies;
  for (const StreamRows& stream : streams) {
    for (const Row& row : stream.rows) {
      StoredRow& copy = copies.emplace_back();
      copy.stream = stream.stream->text;
      copy.timestamp = row.timestamp;
      copy.line = row.line;
      for (const LabelView& pair : row.metadata) copy.metadata.emplace_back(pair.name, pair.value);
      copy.level = row.detected_level;
    }
  }
  return copies;
}

StatusOr<LogPosition> FakeWriter::Append(const storage::PushRecord& record,
                                         std::span<const StreamRows> rows, Reservation*) {
  if (!next_error.ok()) return std::exchange(next_error, absl::OkStatus());
  records.push_back({std::string(record.tenant), record.receive_time, record.body_format,
                     std::string(record.settings), std::string(record.rejections),
                     std::string(record.body), CopyRows(rows)});
  return LogPosition{1, records.size()};
}

void FakeWriter::WhenDurable(LogPosition, absl::AnyInvocable<void(Status)> done) {
  done(absl::OkStatus());
}

storage::PushRecord FakeWriter::Record::View() const {
  storage::PushRecord record;
  record.tenant = tenant;
  record.receive_time = receive_time;
  record.body_format = body_format;
  record.settings = settings;
  record.rejections = rejections;
  record.body = body;
  return record;
}

std::vector<StoredRow> FakeWriter::Rows() const {
  std::vector<StoredRow> rows;
  for (const Record& record : records) {
    rows.insert(rows.end(), record.rows.begin(), record.rows.end());
  }
  return rows;
}

FakeLimits::FakeLimits(const IngestLimits& limits) { Set(limits); }

void FakeLimits::Set(const IngestLimits& limits) {
  settings_ = IngestSettings::Create(limits).value();
}

std::shared_ptr<const IngestSettings> FakeLimits::SettingsOf(std::string_view) { return settings_; }

namespace {
DistributorOptions Options(PushHarness* harness, MemoryBudget* memory, uint64_t max_size) {
  DistributorOptions options;
  options.writer = &harness->writer;
  options.limits = &harness->limits;
  options.clock = &harness->clock;
  options.memory = memory;
  options.max_decompressed_size = max_size;
  return options;
}
}  // namespace

PushHarness::PushHarness(const IngestLimits& tenant_limits, MemoryBudget* memory,
                         uint64_t max_decompressed_size)
    : limits(tenant_limits), distributor(Options(this, memory, max_decompressed_size)) {}

PushResult PushHarness::Push(PushPath path, std::string_view type, std::string_view encoding,
                             std::string_view body) {
  return distributor.Push({"t", path, type, encoding, body, clock.WallNanos()});
}

PushResult PushHarness::PushJson(std::string_view body, std::string_view tenant) {
  return distributor.Push(
      {tenant, PushPath::kLoki, "application/json", "", body, clock.WallNanos()});
}

PushResult PushHarness::PushProtobuf(std::string_view message, std::string_view tenant) {
  return distributor.Push(
      {tenant, PushPath::kLoki, "application/x-protobuf", "", Snappy(message), clock.WallNanos()});
}

int HttpCode(const Status& status) {
  if (status.ok()) return 204;
  if (const auto code = HttpStatusOf(status)) return *code;
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return 400;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kUnavailable:
      return 503;
    default:
      return 500;
  }
}

}  // namespace skald::ingest
