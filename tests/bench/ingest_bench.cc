// Speed of the way of a push, on one core: its body decoded, and all of it up to the log; and of
// the log itself.
//
//   ingest_bench [--lines=FILE] [--benchmark_filter=REGEX ...]
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "ingest/distributor.h"
#include "ingest/push_decoder.h"
#include "storage/base/check.h"
#include "storage/base/file_system.h"
#include "storage/base/strings.h"
#include "storage/wal/group_commit.h"
#include "tests/bench/bench_lines.h"
#include "tools/bench/push_body.h"

namespace skald::ingest {
namespace {

constexpr size_t kLinesInBody = 4000;
constexpr size_t kStreamsInBody = 8;
constexpr int64_t kNow = 1'767'571'200'000'000'000;

struct Bodies {
  std::vector<std::string> bodies;
  uint64_t line_bytes = 0;
};

std::vector<bench::BodyStream> MakeStreams(size_t first_line, bool with_metadata) {
  const auto& lines = bench::TestLines().lines;
  std::vector<bench::BodyStream> streams(kStreamsInBody);
  for (size_t s = 0; s < streams.size(); ++s) {
    streams[s].pairs = {{"env", "prod"}, {"app", StrCat("app-", s)}};
    streams[s].labels = StrCat("{env=\"prod\", app=\"app-", s, "\"}");
  }
  for (size_t i = 0; i < kLinesInBody && first_line + i < lines.size(); ++i) {
    bench::BodyEntry entry{kNow + static_cast<int64_t>(i) * 1000, lines[first_line + i], {}};
    if (with_metadata) entry.metadata = {{"pod", "pod-1"}, {"span_id", StrCat("span", i)}};
    streams[i * kStreamsInBody / kLinesInBody].entries.push_back(std::move(entry));
  }
  std::erase_if(streams, [](const auto& stream) { return stream.entries.empty(); });
  return streams;
}

Bodies MakeBodies(bench::BodyEncoding encoding, bool with_metadata) {
  Bodies result;
  for (size_t at = 0; at < bench::TestLines().lines.size(); at += kLinesInBody) {
    result.bodies.push_back(bench::EncodeBody(MakeStreams(at, with_metadata), encoding));
  }
  result.line_bytes = bench::TestLines().bytes;
  return result;
}

BodyFormat FormatOf(bench::BodyEncoding encoding) {
  const auto format = BodyFormat::FromHeaders(PushPath::kLoki, bench::ContentType(encoding),
                                              bench::ContentEncoding(encoding));
  SKALD_CHECK(format.ok());
  return *format;
}

// Encoding (BodyEncoding), metadata or none.
void AddArguments(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"encoding", "metadata"})->Unit(benchmark::kMillisecond);
  for (const auto encoding : {bench::BodyEncoding::kProtobufSnappy, bench::BodyEncoding::kJson,
                              bench::BodyEncoding::kJsonGzip}) {
    benchmark->Args({static_cast<int64_t>(encoding), 0})->Args({static_cast<int64_t>(encoding), 1});
  }
}

void DecodeBodies(benchmark::State& state) {
  const auto encoding = static_cast<bench::BodyEncoding>(state.range(0));
  const Bodies bodies = MakeBodies(encoding, state.range(1) != 0);
  const BodyFormat format = FormatOf(encoding);
  PushDecoder decoder;
  PushBatch batch;
  Reservation memory(nullptr);
  for (auto _ : state) {
    for (const std::string& body : bodies.bodies) {
      batch.Reset(&memory);
      SKALD_CHECK(
          decoder.Decode({format, body, kNow}, OtlpMapping(), 64_MiB, &memory, &batch).ok());
      benchmark::DoNotOptimize(batch.entries().data());
    }
  }
  state.SetBytesProcessed(static_cast<int64_t>(bodies.line_bytes * state.iterations()));
}
BENCHMARK(DecodeBodies)->Apply(AddArguments);

// Takes rows and forgets them.
class Sink : public storage::Writer {
 public:
  StatusOr<LogPosition> Append(const storage::PushRecord&, std::span<const StreamRows> rows,
                               Reservation*) override {
    benchmark::DoNotOptimize(rows.data());
    return LogPosition{1, ++records_};
  }
  void WhenDurable(LogPosition, absl::AnyInvocable<void(Status)> done) override {
    done(absl::OkStatus());
  }

 private:
  uint64_t records_ = 0;
};

class DefaultLimits : public LimitsProvider {
 public:
  DefaultLimits() {
    IngestLimits limits;
    limits.reject_old_samples = false;
    settings_ = IngestSettings::Create(limits).value();
  }
  std::shared_ptr<const IngestSettings> SettingsOf(std::string_view) override { return settings_; }

 private:
  std::shared_ptr<const IngestSettings> settings_;
};

// Decoded, validated, with levels and services found, as rows for the engine.
void Push(benchmark::State& state) {
  const auto encoding = static_cast<bench::BodyEncoding>(state.range(0));
  const Bodies bodies = MakeBodies(encoding, state.range(1) != 0);
  Sink sink;
  DefaultLimits limits;
  ManualClock clock{kNow};
  DistributorOptions options;
  options.writer = &sink;
  options.limits = &limits;
  options.clock = &clock;
  Distributor distributor(options);
  for (auto _ : state) {
    for (const std::string& body : bodies.bodies) {
      const PushResult result =
          distributor.Push({"tenant", PushPath::kLoki, bench::ContentType(encoding),
                            bench::ContentEncoding(encoding), body, kNow});
      SKALD_CHECK(result.status.ok());
    }
  }
  state.SetBytesProcessed(static_cast<int64_t>(bodies.line_bytes * state.iterations()));
}
BENCHMARK(Push)->Apply(AddArguments);

// Appends bodies of so many bytes, so many at a time until they are durable, to a log in the folder
// for temporary files.
void Log(benchmark::State& state) {
  const auto body_bytes = static_cast<size_t>(state.range(0));
  const auto at_a_time = state.range(1);
  const auto directory = std::filesystem::temp_directory_path() / StrCat("skald-log-", getpid());
  storage::LogOptions options;
  options.files = FileSystem::Posix();
  options.clock = Clock::Real();
  options.directory = directory.string();
  auto log = storage::GroupCommitLog::Open(std::move(options));
  SKALD_CHECK(log.ok());
  const std::string body(body_bytes, 'b');
  storage::PushRecord record;
  record.tenant = "tenant";
  record.settings = "settings";
  record.body = body;
  for (auto _ : state) {
    LogPosition last;
    for (int64_t i = 0; i < at_a_time; ++i) {
      const auto position = (*log)->Append(record);
      SKALD_CHECK(position.ok());
      last = *position;
    }
    std::atomic<bool> durable = false;
    (*log)->WhenDurable(last, [&](const Status& status) {
      SKALD_CHECK(status.ok());
      durable = true;
      durable.notify_one();
    });
    durable.wait(false);
  }
  state.SetBytesProcessed(
      static_cast<int64_t>(body_bytes * static_cast<size_t>(at_a_time) * state.iterations()));
  log->reset();
  std::filesystem::remove_all(directory);
}
BENCHMARK(Log)
    ->ArgNames({"body", "at_a_time"})
    ->Args({10'000, 1})
    ->Args({10'000, 100})
    ->Args({1'000'000, 1})
    ->Args({1'000'000, 4})
    ->UseRealTime()
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace skald::ingest

int main(int argc, char** argv) { return skald::bench::RunBenchmarks(argc, argv); }
