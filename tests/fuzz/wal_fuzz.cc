// Fuzzes the log's reader. The first byte chooses: even, the rest is a segment's bytes after its
// header; odd, the rest is the payload of one intact record whose type is the second byte. Every
// log is read to its end, and reading again gives the same records.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "storage/wal/framed_file_format.h"
#include "storage/wal/recovery.h"
#include "storage/wal/wal_format.h"
#include "tests/support/memory_file_system.h"

namespace {

using namespace skald;
using namespace skald::storage;

constexpr FramedFileHeader kHeader{kWalKind, 1, 0, 0x0102030405060708};

std::string Segment(std::string_view input) {
  std::string bytes = EncodeFileHeader(kHeader);
  if (input.size() < 2 || input[0] % 2 == 0) {
    bytes.append(input.substr(input.empty() ? 0 : 1));
    return bytes;
  }
  const size_t place = BeginRecord(&bytes);
  bytes.append(input.substr(2));
  FinishRecord(&bytes, place, kHeader, static_cast<uint8_t>(input[1]), 1);
  return bytes;
}

// The number of records read and the bytes of their lines; whether the log could be read.
struct Reading {
  Status status;
  uint64_t records = 0;
  uint64_t bytes = 0;
};

Reading Read(FileSystem* files) {
  Reading reading;
  ReplayStats stats;
  reading.status = ReplayLog(
      files, "log", {},
      [&reading](const ReplayedRecord& record) {
        ++reading.records;
        if (record.push != nullptr) reading.bytes += record.push->body.size();
        if (record.rows == nullptr) return absl::OkStatus();
        for (const StreamRows& stream : record.rows->streams) {
          for (const auto& row : stream.rows) reading.bytes += row.line.size();
        }
        return absl::OkStatus();
      },
      &stats);
  return reading;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  MemoryFileSystem files;
  if (!files.CreateDirectories("log").ok()) __builtin_trap();
  auto file = files.NewWritableFile("log/" + SegmentFileName(1));
  if (!file.ok()) __builtin_trap();
  (*file)->Append(Segment({reinterpret_cast<const char*>(data), size})).IgnoreError();
  (*file)->Close().IgnoreError();
  const Reading first = Read(&files);
  const Reading second = Read(&files);
  if (first.status.ok() != second.status.ok() || first.records != second.records ||
      first.bytes != second.bytes) {
    __builtin_trap();
  }
  return 0;
}
