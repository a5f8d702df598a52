// Speed of the memtable and of part files, on one core: insert, flush, filters, decode, ranks,
// search.
//
//   storage_bench [--lines=FILE] [--benchmark_filter=REGEX ...]
#include <benchmark/benchmark.h>

#include "storage/base/check.h"
#include "storage/base/substring_search.h"
#include "storage/base/units.h"
#include "storage/catalog/catalog_state.h"
#include "storage/engine/flush.h"
#include "storage/memtable/memtable.h"
#include "storage/part/ngram_filter.h"
#include "storage/part/part_block.h"
#include "storage/part/part_format.h"
#include "storage/part/token_filter.h"
#include "storage/select/tenant_snapshot.h"
#include "tests/bench/bench_lines.h"
#include "tests/support/memory_file_system.h"

namespace skald::storage {
namespace {

using bench::TestLines;
using Lines = bench::BenchLines;

constexpr size_t kStreams = 16;
constexpr size_t kRowsPerPush = 512;

void Fill(Memtable* memtable, bool with_metadata) {
  const Lines& lines = TestLines();
  std::vector<StreamPtr> streams;
  for (size_t i = 0; i < kStreams; ++i) {
    streams.push_back(std::make_shared<const Stream>(
        LabelSet::FromPairs({{"service_name", StrCat("service-", i)}, {"env", "prod"}})));
  }
  const std::string_view levels[] = {"info", "info", "info", "warn", "error"};
  int64_t time = 1'767'571'200'000'000'000;
  std::vector<Row> rows;
  std::vector<std::string> ids(kRowsPerPush);
  std::vector<std::array<LabelView, 2>> metadata(kRowsPerPush);
  for (size_t at = 0; at < lines.lines.size(); at += kRowsPerPush) {
    rows.clear();
    const size_t end = std::min(at + kRowsPerPush, lines.lines.size());
    for (size_t i = at; i < end; ++i) {
      time += 1'000'000 + static_cast<int64_t>(i * 7919 % 100'000);
      Row row{time, lines.lines[i], {}, {}};
      if (with_metadata) {
        ids[i - at] = StrCat("span", i);
        metadata[i - at] = {LabelView{"pod", "pod-1"}, LabelView{"span_id", ids[i - at]}};
        row.metadata = metadata[i - at];
        row.detected_level = levels[i % 5];
      }
      rows.push_back(row);
    }
    const StreamRows batch{streams[at / kRowsPerPush % kStreams], rows};
    memtable->Insert("tenant", {1, at}, {&batch, 1});
  }
}

void Insert(benchmark::State& state) {
  TestLines();
  for (auto _ : state) {
    Memtable memtable(1, 0);
    Fill(&memtable, state.range(0) != 0);
    benchmark::DoNotOptimize(memtable.rows());
  }
  state.SetBytesProcessed(static_cast<int64_t>(TestLines().bytes * state.iterations()));
}
BENCHMARK(Insert)->ArgName("metadata")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void Flush(benchmark::State& state) {
  Memtable memtable(1, 0);
  Fill(&memtable, state.range(0) != 0);
  PageCache cache(0);
  uint64_t part_bytes = 0;
  for (auto _ : state) {
    MemoryFileSystem files;
    auto flushed = FlushToParts(&files, "/d", FlushInput::All(memtable), CatalogState(), &cache);
    SKALD_CHECK(flushed.ok());
    part_bytes = flushed->parts[0]->file_size();
  }
  state.SetBytesProcessed(static_cast<int64_t>(TestLines().bytes * state.iterations()));
  state.counters["ratio"] =
      static_cast<double>(TestLines().bytes) / static_cast<double>(part_bytes);
}
BENCHMARK(Flush)->ArgName("metadata")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

// Builds the filters of blocks that are as large as a part's.
template <typename Builder>
void BuildFilter(benchmark::State& state) {
  const Lines& lines = TestLines();
  for (auto _ : state) {
    Builder builder;
    uint64_t block_bytes = 0;
    for (const std::string& line : lines.lines) {
      builder.AddLine(line);
      block_bytes += line.size();
      if (block_bytes < kBlockRawBytes) continue;
      builder.FinishBlock();
      block_bytes = 0;
    }
  }
  state.SetBytesProcessed(static_cast<int64_t>(lines.bytes * state.iterations()));
}
BENCHMARK(BuildFilter<NgramFilterBuilder>)->Unit(benchmark::kMillisecond);
BENCHMARK(BuildFilter<TokenFilterBuilder>)->Unit(benchmark::kMillisecond);

// The part that a flush makes, and its blocks.
class FlushedPart {
 public:
  explicit FlushedPart(uint64_t cache_bytes) : cache_(cache_bytes) {
    Memtable memtable(1, 0);
    Fill(&memtable, true);
    auto flushed = FlushToParts(&files_, "/d", FlushInput::All(memtable), CatalogState(), &cache_);
    SKALD_CHECK(flushed.ok());
    part_ = flushed->parts[0];
    directory_ = *part_->Directory();
    streams_ = *part_->Streams();
  }

  size_t blocks() const { return directory_->size(); }
  std::unique_ptr<PartBlock> Open(size_t block) const {
    const BlockInfo& info = directory_->block(block);
    std::vector<StreamRun> runs;
    for (uint64_t row = info.first_row; row < info.first_row + info.rows;) {
      const uint32_t stream = streams_->StreamOf(row);
      const uint64_t end = std::min(info.first_row + info.rows, streams_->first_row(stream + 1));
      runs.push_back({stream, static_cast<uint32_t>(row - info.first_row),
                      static_cast<uint32_t>(end - info.first_row)});
      row = end;
    }
    return *PartBlock::Open(part_, block, std::move(runs), {});
  }
  const PartFooter& footer() const { return part_->footer(); }

 private:
  MemoryFileSystem files_;
  PageCache cache_;
  std::shared_ptr<Part> part_;
  std::shared_ptr<const BlockDirectory> directory_;
  std::shared_ptr<const StreamTable> streams_;
};

void DecodeLines(benchmark::State& state) {
  const FlushedPart part(1_MiB);
  std::vector<uint32_t> rows;
  std::vector<std::string_view> lines;
  for (auto _ : state) {
    for (size_t b = 0; b < part.blocks(); ++b) {
      const auto block = part.Open(b);
      SKALD_CHECK(block->Timestamps().ok());
      rows.resize(block->rows());
      for (uint32_t i = 0; i < rows.size(); ++i) rows[i] = i;
      lines.resize(rows.size());
      SKALD_CHECK((*block->Lines())->Materialise(rows, std::span(lines)).ok());
      benchmark::DoNotOptimize(lines.back().data());
    }
  }
  state.SetBytesProcessed(static_cast<int64_t>(TestLines().bytes * state.iterations()));
}
BENCHMARK(DecodeLines)->Unit(benchmark::kMillisecond);

void DecodeTimes(benchmark::State& state) {
  const FlushedPart part(1_MiB);
  for (auto _ : state) {
    for (size_t b = 0; b < part.blocks(); ++b) {
      benchmark::DoNotOptimize(part.Open(b)->Timestamps()->data());
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(part.footer().rows * state.iterations()));
}
BENCHMARK(DecodeTimes)->Unit(benchmark::kMillisecond);

void DecodeMetadata(benchmark::State& state) {
  const FlushedPart part(1_MiB);
  for (auto _ : state) {
    for (size_t b = 0; b < part.blocks(); ++b) {
      const auto block = part.Open(b);
      for (size_t c = 0; c < block->metadata_names().size(); ++c) {
        SKALD_CHECK(block->Metadata(c).ok());
      }
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(part.footer().rows * state.iterations()));
}
BENCHMARK(DecodeMetadata)->Unit(benchmark::kMillisecond);

// Ranks at `edges` moments over the part's span, block by block, pages from the cache or not.
void Ranks(benchmark::State& state) {
  const FlushedPart part(state.range(1) != 0 ? 256_MiB : 1_MiB);
  std::vector<int64_t> edges;
  const int64_t first = part.footer().min_time;
  const int64_t step = (part.footer().max_time - first) / state.range(0);
  for (int64_t i = 0; i < state.range(0); ++i) edges.push_back(first + i * step);
  std::vector<Rank> ranks(edges.size());
  for (auto _ : state) {
    for (size_t b = 0; b < part.blocks(); ++b) {
      const auto block = part.Open(b);
      for (const StreamRun& run : block->runs()) {
        SKALD_CHECK(block->RanksAt(run, edges, ranks).ok());
      }
    }
    benchmark::DoNotOptimize(ranks.data());
  }
  state.SetItemsProcessed(static_cast<int64_t>(part.footer().rows * state.iterations()));
}
BENCHMARK(Ranks)->ArgNames({"edges", "cached"})->Args({100, 0})->Args({100, 1})->Args({5000, 1});

class LiteralMatcher : public LineMatcher {
 public:
  explicit LiteralMatcher(std::string text) : text_(std::move(text)) {}
  bool Matches(std::string_view line) const override {
    return FindSubstring(line, text_, 0) != std::string_view::npos;
  }
  Candidate FindCandidate(std::string_view text, size_t from) const override {
    return {FindSubstring(text, text_, from), text_.size()};
  }
  bool has_candidates() const override { return true; }
  const RequiredLiterals& required() const override { return required_; }

 private:
  const std::string text_;
  const RequiredLiterals required_;
};

// Searches decoded lines for a text that is in no line (0), in few (1), in most (2).
void Match(benchmark::State& state) {
  static constexpr const char* kTexts[] = {"no such text", "77", "1"};
  const FlushedPart part(256_MiB);
  const LiteralMatcher matcher(kTexts[state.range(0)]);
  uint64_t found = 0;
  for (auto _ : state) {
    found = 0;
    for (size_t b = 0; b < part.blocks(); ++b) {
      const auto block = part.Open(b);
      RowSet rows(block->rows(), true);
      SKALD_CHECK((*block->Lines())->Match(matcher, false, &rows).ok());
      found += rows.count();
    }
  }
  state.SetBytesProcessed(static_cast<int64_t>(TestLines().bytes * state.iterations()));
  state.counters["found"] = static_cast<double>(found);
}
BENCHMARK(Match)->ArgName("text")->Arg(0)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond);

// Selects every stream of several parts that all have the same streams, a row each.
void SelectAll(benchmark::State& state) {
  MemoryFileSystem files;
  PageCache cache(256_MiB);
  PartList parts;
  CatalogState catalog;
  for (int64_t p = 0; p < state.range(1); ++p) {
    Memtable memtable(1, 0);
    for (int64_t s = 0; s < state.range(0); ++s) {
      const Row row{p * 1'000'000 + s, "line", {}, {}};
      const StreamRows batch{
          std::make_shared<const Stream>(LabelSet::FromPairs(
              {{"service_name", StrCat("service-", s % 100)}, {"pod", StrCat("pod-", s)}})),
          {&row, 1}};
      memtable.Insert("tenant", {1, 1}, {&batch, 1});
    }
    catalog.next_file = static_cast<uint64_t>(p) + 1;
    auto flushed = FlushToParts(&files, "/d", FlushInput::All(memtable), catalog, &cache);
    SKALD_CHECK(flushed.ok());
    parts.push_back(flushed->parts[0]);
  }
  const auto snapshot = std::make_shared<const TenantSnapshot>(
      "tenant", std::make_shared<const PartList>(parts),
      std::vector<std::shared_ptr<const Memtable>>{std::make_shared<Memtable>(1, 0)}, &cache);
  for (auto _ : state) {
    const auto selection = snapshot->Select({}, {}, nullptr);
    SKALD_CHECK(selection.ok() && !(*selection)->units().empty());
  }
  state.SetItemsProcessed(state.range(0) * state.range(1) * state.iterations());
  state.counters["cache_MiB"] = static_cast<double>(cache.stats().bytes >> 20);
}
BENCHMARK(SelectAll)
    ->ArgNames({"streams", "parts"})
    ->Args({20000, 1})
    ->Args({20000, 16})
    ->Args({100000, 16})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace skald::storage

int main(int argc, char** argv) { return skald::bench::RunBenchmarks(argc, argv); }
