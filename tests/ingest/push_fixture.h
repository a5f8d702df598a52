// What the ingest tests share: pushes written by hand, a writer that keeps what it is given, and a
// distributor around it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/distributor.h"
#include "ingest/limits.h"
#include "storage/base/clock.h"
#include "storage/writer.h"

namespace skald::ingest {

// 2026-11-21T03:40:00Z, the time of every test.
inline constexpr int64_t kNow = 1'795'232'400'000'000'000;
inline constexpr int64_t kSecondNs = 1'000'000'000;

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct TestEntry {
  int64_t timestamp = kNow;
  std::string line;
  Pairs metadata;
};

// Loki's protobuf message, unwrapped; streams are appended to each other.
std::string ProtobufStream(std::string_view labels, const std::vector<TestEntry>& entries);
std::string Snappy(std::string_view message);
std::string Gzip(std::string_view bytes);
std::string Deflate(std::string_view bytes, bool raw);
std::string ZstdFrame(std::string_view bytes);
std::string Lz4Frame(std::string_view bytes);

// A field of the wire format.
std::string BytesField(uint32_t number, std::string_view bytes);
std::string VarintField(uint32_t number, uint64_t value);
std::string Fixed64Field(uint32_t number, uint64_t value);

// `{"streams":[{"stream":{…},"values":[…]}]}`.
std::string JsonPush(const Pairs& labels, const std::vector<TestEntry>& entries);

// A row with everything copied.
struct StoredRow {
  std::string stream;
  int64_t timestamp;
  std::string line;
  Pairs metadata;
  std::string level;
  bool operator==(const StoredRow&) const = default;
};
void PrintTo(const StoredRow& row, std::ostream* out);

std::vector<StoredRow> CopyRows(std::span<const StreamRows> rows);

// Keeps every record with its rows.
class FakeWriter : public storage::Writer {
 public:
  StatusOr<LogPosition> Append(const storage::PushRecord& record, std::span<const StreamRows> rows,
                               Reservation* memory) override;
  void WhenDurable(LogPosition position, absl::AnyInvocable<void(Status)> done) override;

  struct Record {
    std::string tenant;
    int64_t receive_time;
    uint8_t body_format;
    std::string settings;
    std::string rejections;
    std::string body;
    std::vector<StoredRow> rows;

    storage::PushRecord View() const;
  };
  std::vector<Record> records;
  Status next_error;  // returned by the next Append

  // The rows of all records.
  std::vector<StoredRow> Rows() const;
};

// Gives every tenant the same settings unless told otherwise.
class FakeLimits : public LimitsProvider {
 public:
  explicit FakeLimits(const IngestLimits& limits = {});
  std::shared_ptr<const IngestSettings> SettingsOf(std::string_view tenant) override;
  void Set(const IngestLimits& limits);

 private:
  std::shared_ptr<const IngestSettings> settings_;
};

// A distributor, its writer and its limits.
struct PushHarness {
  explicit PushHarness(const IngestLimits& limits = {}, MemoryBudget* memory = nullptr,
                       uint64_t max_decompressed_size = 64 << 20);

  PushResult PushJson(std::string_view body, std::string_view tenant = "t");
  PushResult PushProtobuf(std::string_view message, std::string_view tenant = "t");
  PushResult Push(PushPath path, std::string_view type, std::string_view encoding,
                  std::string_view body);

  ManualClock clock{kNow};
  FakeWriter writer;
  FakeLimits limits;
  Distributor distributor;
};

// The HTTP status that a server replies with.
int HttpCode(const Status& status);

}  // namespace skald::ingest
