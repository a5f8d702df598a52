// Writes the seeds of the fuzz targets whose inputs are not text, with the encoders of today, so
// that they follow the formats. Text seeds, and inputs that once failed, stand in corpus/.
//
//   fuzz_write_seeds FOLDER    seeds go to FOLDER/<target>/<name>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/coding.h"
#include "storage/base/units.h"
#include "storage/catalog/edit_codec.h"
#include "storage/part/block_directory.h"
#include "storage/part/lengths_codec.h"
#include "storage/part/metadata_codec.h"
#include "storage/part/part_format.h"
#include "storage/part/part_writer.h"
#include "storage/part/stream_table.h"
#include "storage/part/time_codec.h"
#include "storage/part/token_filter.h"
#include "storage/wal/framed_file_format.h"
#include "storage/wal/wal_format.h"
#include "tests/ingest/push_fixture.h"
#include "tests/support/memory_file_system.h"

namespace skald {
namespace {

using ingest::BodyFormat;
using ingest::ContentEncoding;
using ingest::PushMessage;

constexpr int64_t kTime = 1'795'232'400'000'000'000;

class SeedFolder {
 public:
  explicit SeedFolder(const std::filesystem::path& folder) : folder_(folder) {
    std::filesystem::create_directories(folder_);
  }
  void Write(std::string_view name, std::string_view bytes) const {
    std::ofstream file(folder_ / name, std::ios::binary);
    file << bytes;
  }

 private:
  const std::filesystem::path folder_;
};

std::string Prefixed(uint8_t byte, std::string_view rest) {
  return std::string(1, static_cast<char>(byte)).append(rest);
}

// ---- Pushes

std::string Push(PushMessage message, ContentEncoding encoding, std::string_view body) {
  return Prefixed(BodyFormat{message, encoding}.ToByte(), body);
}

void WritePushes(const SeedFolder& folder) {
  const std::vector<ingest::TestEntry> entries = {{kTime, "level=info msg=hello", {{"trace", "1"}}},
                                                  {kTime + 1, "", {}}};
  const std::string message = ingest::ProtobufStream(R"({app="web", env="prod"})", entries);
  const std::string json = ingest::JsonPush({{"app", "web"}}, entries);
  constexpr std::string_view legacy =
      R"({"streams":[{"labels":"{a=\"b\"}","entries":[{"ts":"2026-11-21T03:40:00Z","line":"x"}]}]})";
  constexpr std::string_view otlp =
      R"({"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":)"
      R"("web"}}]},"scopeLogs":[{"scope":{"name":"s"},"logRecords":[{"timeUnixNano":)"
      R"("1795232400000000000","severityText":"WARN","body":{"kvlistValue":{"values":[{"key":"a",)"
      R"("value":{"arrayValue":{"values":[{"intValue":"1"},{"boolValue":true}]}}}]}}}]}]}]})";
  using enum ContentEncoding;
  folder.Write("protobuf", Push(PushMessage::kProtobuf, kIdentity, ingest::Snappy(message)));
  folder.Write("json", Push(PushMessage::kJson, kIdentity, json));
  folder.Write("json_gzip", Push(PushMessage::kJson, kGzip, ingest::Gzip(json)));
  folder.Write("json_deflate", Push(PushMessage::kJson, kDeflate, ingest::Deflate(json, true)));
  folder.Write("json_zstd", Push(PushMessage::kJson, kZstd, ingest::ZstdFrame(json)));
  folder.Write("json_lz4", Push(PushMessage::kJson, kLz4, ingest::Lz4Frame(json)));
  folder.Write("legacy", Push(PushMessage::kLegacyJson, kIdentity, legacy));
  folder.Write("otlp_json", Push(PushMessage::kOtlpJson, kIdentity, otlp));
  const std::string record = ingest::Fixed64Field(1, kTime) + ingest::BytesField(3, "INFO") +
                             ingest::BytesField(5, ingest::BytesField(1, "a body"));
  const std::string scope = ingest::BytesField(2, record);
  folder.Write("otlp_protobuf", Push(PushMessage::kOtlpProtobuf, kIdentity,
                                     ingest::BytesField(1, ingest::BytesField(2, scope))));
}

// ---- The manifest and the log

void WriteEdits(const SeedFolder& folder) {
  storage::CatalogEdit edit;
  edit.tenants_added = {{1, "tenant"}};
  edit.parts_removed = {3};
  storage::PartInfo part;
  part.tenant = 1;
  part.file = 9;
  part.level = 1;
  part.day = 20000;
  part.retention_class = 2;
  part.rows = 100;
  part.replaces = {3};
  edit.parts_added = {part};
  edit.flushed = LogPosition{4, 5};
  storage::DeleteRequest request;
  request.tenant = 1;
  request.id = "id";
  request.query = R"({app="web"} |= "secret")";
  edit.deletes_added = {request};
  edit.deletes_removed = {{1, "old"}};
  edit.settings = {{"key", "value"}};
  edit.min_next_file = 10;
  std::string bytes;
  storage::EncodeEdit(&bytes, edit);
  folder.Write("everything", bytes);
}

std::string RowsPayload() {
  const LabelView metadata[] = {{"trace", "1"}};
  const std::vector<Row> rows = {{kTime, "one", metadata, "info"}, {kTime - 5, "two", {}, ""}};
  const std::vector<StreamRows> streams = {
      {std::make_shared<const Stream>(LabelSet::FromPairs({{"app", "web"}})), rows}};
  storage::RowsRecord record;
  record.tenant = "tenant";
  record.streams = streams;
  ZstdCompressor compressor(CompressionEffort::kQuick);
  return storage::EncodeRows(record, &compressor);
}

void WriteLogs(const SeedFolder& folder) {
  using storage::WalRecordType;
  storage::PushRecord push;
  push.tenant = "tenant";
  push.receive_time = kTime;
  push.settings = "settings";
  push.body = "a body";
  std::string payload;
  storage::EncodePush(&payload, push);
  const auto record = [](WalRecordType type, std::string_view bytes) {
    return Prefixed(1, Prefixed(static_cast<uint8_t>(type), bytes));
  };
  folder.Write("push", record(WalRecordType::kPush, payload));
  folder.Write("rows", record(WalRecordType::kRows, RowsPayload()));
  folder.Write("settings", record(WalRecordType::kSettings, "settings"));

  const storage::FramedFileHeader header{storage::kWalKind, 1, 0, 0x0102030405060708};
  std::string segment(1, '\0');
  size_t place = storage::BeginRecord(&segment);
  segment.append("settings");
  storage::FinishRecord(&segment, place, header, 1, 1);
  place = storage::BeginRecord(&segment);
  segment.append(payload);
  storage::FinishRecord(&segment, place, header, 2, 2);
  folder.Write("segment", segment);
}

// ---- Parts

// Decoders of part_pages_fuzz.cc, by number; 40 * 4 + 1 rows.
std::string Page(uint8_t decoder, std::string_view bytes) {
  return Prefixed(decoder, Prefixed(40, bytes));
}
constexpr uint32_t kRows = 161;

void WritePages(const SeedFolder& folder) {
  const std::vector<uint32_t> counts = {128, kRows - 128};
  std::vector<int64_t> times;
  std::vector<uint32_t> lengths;
  storage::MetadataBuilder metadata;
  for (uint32_t row = 0; row < kRows; ++row) {
    times.push_back(kTime + row * 1000 + row % 7);
    lengths.push_back(row % 50 == 0 ? 100000 : row % 13);
    metadata.Add(row, "level", row % 2 == 0 ? "info" : "warn");
    metadata.Add(row, "id", std::to_string(row * 7919));
    if (row % 20 == 0) metadata.Add(row, "rare", "x");
  }
  std::string bytes;
  storage::EncodeTimes(times, counts, &bytes);
  folder.Write("times", Page(0, bytes));
  bytes.clear();
  storage::EncodeLengths(lengths, counts, &bytes);
  folder.Write("lengths", Page(1, bytes));
  std::vector<std::string> pages;
  metadata.Finish(kRows, &pages);
  folder.Write("metadata_directory", Page(2, pages[0]));
  for (size_t i = 1; i < pages.size(); ++i) {
    for (uint8_t encoding = 1; encoding <= 4; ++encoding) {
      folder.Write(StrCat("metadata_column_", i, "_", int{encoding}),
                   Page(3, Prefixed(encoding, pages[i])));
    }
  }
}

void WriteSections(const SeedFolder& folder) {
  storage::BlockDirectory directory;
  const storage::PageInfo page{8, 100, 100, 1, 0, storage::PageKind::kTimes};
  directory.Add({0, kRows, kTime, kTime + 5}, {&page, 1});
  folder.Write("block_directory", Page(4, directory.Encode()));
  storage::StreamTableBuilder streams;
  for (uint32_t i = 0; i < kRows; ++i) {
    streams.Add(LabelSet::FromPairs({{"app", i % 3 == 0 ? "a" : "b"}, {"pod", std::to_string(i)}}),
                {1, 10, 0, kTime, kTime});
  }
  std::string index;
  std::string table;
  streams.Finish(&index, &table);
  folder.Write("stream_table", Page(5, table));
  folder.Write("label_index", Page(6, index));
  storage::TokenFilterBuilder tokens;
  tokens.AddLine("trace=4bf92f3577b34da6a3ce929d0e0e4736 done");
  tokens.FinishBlock();
  std::string section;
  tokens.Finish(&section);
  folder.Write("token_filter", Page(8, section));
}

std::string PartBytes() {
  MemoryFileSystem files;
  storage::PartWriter writer(*files.NewWritableFile("part"), CompressionEffort::kQuick);
  const LabelView metadata[] = {{"detected_level", "info"}};
  for (int i = 0; i < 20; ++i) {
    writer.Add({kTime + i, "level=info msg=\"hello\" id=abcdef0123456789", metadata}).IgnoreError();
  }
  writer.EndStream(LabelSet::FromPairs({{"service_name", "web"}})).IgnoreError();
  storage::PartProperties properties;
  properties.tenant = "tenant";
  writer.Finish(properties).status().IgnoreError();
  std::string bytes(*files.FileSize("part"), '\0');
  const ReadRange all{0, bytes.size(), bytes.data()};
  const auto file = files.NewRandomAccessFile("part");
  (*file)->ReadRanges({&all, 1}).IgnoreError();
  return bytes;
}

void WritePart(const SeedFolder& folder) {
  const std::string part = PartBytes();
  const std::string_view body =
      std::string_view(part).substr(0, part.size() - storage::kPartTailSize);
  std::string input;
  PutFixed32(&input, LoadFixed<uint32_t>(part.data() + body.size()));
  input.append(body);
  folder.Write("part", input);
}

void WriteAll(const std::filesystem::path& folder) {
  WritePushes(SeedFolder(folder / "push"));
  WriteEdits(SeedFolder(folder / "catalog_edit"));
  WriteLogs(SeedFolder(folder / "wal"));
  const SeedFolder pages(folder / "part_pages");
  WritePages(pages);
  WriteSections(pages);
  WritePart(SeedFolder(folder / "part_file"));
}

}  // namespace
}  // namespace skald

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_write_seeds FOLDER\n");
    return 2;
  }
  skald::WriteAll(argv[1]);
  return 0;
}
