// Throughput of pipeline stages over decoded pages of real log lines, on one core.
//
//   pipeline_bench CORPUS [--benchmark_filter=REGEX ...]
//
// CORPUS is a file of log lines or a folder of such files. Every benchmark runs over 256 MiB of the
// lines of its kind. Bytes per second count line text; `kept` is the share of lines left;
// `allocs` are heap allocations per line.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "query/stage/pipeline.h"
#include "query/syntax/parser.h"
#include "tests/bench/line_corpus.h"

namespace {
std::atomic<uint64_t> allocations{0};
}  // namespace

// gcc does not see that these belong together.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
void* operator new(size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory;
  std::abort();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace skald::query {
namespace {

using bench::LineCorpus;
using bench::LineKind;
using bench::LinePage;

constexpr size_t kBenchBytes = size_t{256} << 20;

// The pages of one kind of lines at a time.
class PageSource {
 public:
  explicit PageSource(const LineCorpus& corpus) : corpus_(corpus) {}

  const std::vector<LinePage>& Get(LineKind kind) {
    if (pages_.empty() || kind != kind_) {
      pages_.clear();
      pages_ = corpus_.Pages(kind, kBenchBytes);
      kind_ = kind;
    }
    return pages_;
  }

 private:
  const LineCorpus& corpus_;
  LineKind kind_ = LineKind::kAny;
  std::vector<LinePage> pages_;
};

struct Case {
  PageSource* source;
  LineKind kind;
  std::string stages;
  std::vector<std::string> grouping;  // of a metric query: the labels it reads
  bool metric = false;
};

// How many lines of a page satisfy a condition, found as storage does.
size_t CountMatches(const LineMatcher& matcher, const LinePage& page) {
  size_t found = 0;
  for (size_t row = 0; row < page.rows();) {
    const LineMatcher::Candidate hit = matcher.FindCandidate(page.text, page.starts[row]);
    if (hit.offset >= page.text.size()) break;
    const auto next = static_cast<std::ptrdiff_t>(row);
    const auto after = std::upper_bound(page.starts.begin() + next, page.starts.end(), hit.offset);
    row = static_cast<size_t>(after - page.starts.begin()) - 1;
    const bool proven = hit.proof_size > 0 && hit.offset + hit.proof_size <= page.starts[row + 1];
    found += proven || matcher.Matches(page.line(row));
    ++row;
  }
  return found;
}

void Report(benchmark::State& state, const std::vector<LinePage>& pages, size_t kept,
            uint64_t allocated) {
  size_t rows = 0;
  size_t bytes = 0;
  for (const LinePage& page : pages) {
    rows += page.rows();
    bytes += page.text.size();
  }
  const double all = static_cast<double>(rows) * static_cast<double>(state.iterations());
  state.counters["kept"] = static_cast<double>(kept) / all;
  state.counters["allocs"] = static_cast<double>(allocated) / all;
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * bytes));
}

// Searches pages for the pipeline's first condition.
void Filter(benchmark::State& state, const Case& about) {
  const std::vector<LinePage>& pages = about.source->Get(about.kind);
  const Query query = *ParseQuery(StrCat("{a=\"b\"} ", about.stages));
  const auto pipeline = *Pipeline::Compile(*query.log(), {});
  const LineMatcher& matcher = *pipeline->line_conditions()[0].matcher;
  size_t kept = 0;
  const uint64_t before = allocations;
  for (auto _ : state) {
    for (const LinePage& page : pages) kept += CountMatches(matcher, page);
  }
  Report(state, pages, kept, allocations - before);
}

// Runs the pipeline's operators over all lines, batch by batch.
void Run(benchmark::State& state, const Case& about) {
  const std::vector<LinePage>& pages = about.source->Get(about.kind);
  const Query query = *ParseQuery(StrCat("{a=\"b\"} ", about.stages));
  PipelineOptions options;
  options.metric = about.metric;
  if (about.metric) options.grouping_labels = about.grouping;
  const auto pipeline = *Pipeline::Compile(*query.log(), options);
  const std::vector<StreamPtr> streams = {
      std::make_shared<const Stream>(LabelSet::FromPairs({{"app", "web"}}))};
  Batch batch;
  size_t kept = 0;
  uint64_t before = allocations;
  for (auto _ : state) {
    for (const LinePage& page : pages) {
      for (size_t begin = 0; begin < page.rows(); begin += kMaxBatchRows) {
        batch.Reset(streams);
        const size_t end = std::min(page.rows(), begin + kMaxBatchRows);
        for (size_t i = begin; i < end; ++i) {
          batch.selection.push_back(static_cast<uint32_t>(i - begin));
          batch.lines.push_back(page.line(i));
        }
        batch.timestamps.resize(end - begin);
        batch.stream_of.resize(end - begin);
        if (!pipeline->Run(&batch).ok()) state.SkipWithError("pipeline failed");
        kept += batch.selection.size();
      }
    }
  }
  Report(state, pages, kept, allocations - before);
}

void Register(const std::string& name, void (*run)(benchmark::State&, const Case&), Case about) {
  benchmark::RegisterBenchmark(name.c_str(), run, std::move(about))->Unit(benchmark::kMillisecond);
}

// The needle's name says how many lines it should be in.
void RegisterFilters(const LineCorpus& corpus, PageSource* source) {
  const std::pair<const char*, std::string> needles[] = {
      {"0%", "noSuchWord"}, {"0.1%", corpus.WordInShare(.001)}, {"10%", corpus.WordInShare(.1)}};
  for (const auto& [share, word] : needles) {
    std::cerr << "needle in " << share << " of lines: " << word << "\n";
    const auto add = [&, share = share](const char* name, const std::string& stages) {
      Register(StrCat("filter/", name, "/", share), Filter, {source, LineKind::kAny, stages, {}});
    };
    add("literal", StrCat("|= \"", word, "\""));
    add("folded_literal", StrCat("|~ \"(?i)", word, "\""));
    add("folded_regex", StrCat("|~ \"(?i)", word, ".*[0-9]\""));
    add("regex", StrCat("|~ \"", word, ".*[0-9]\""));
  }
  Register("filter/two_literals", Filter,
           {source, LineKind::kAny, "|= \"noSuchWord\" or \"norThisOne\"", {}});
  Register("filter/regex_without_literal", Filter,
           {source, LineKind::kAny, "|~ \"[0-9]{9}[a-z]\"", {}});
}

void RegisterParsers(const LineCorpus& corpus, PageSource* source) {
  const std::string json = corpus.MiddleField(LineKind::kJson);
  const std::string logfmt = corpus.MiddleField(LineKind::kLogfmt);
  std::cerr << "field of json: " << json << ", of logfmt: " << logfmt << "\n";
  const auto json_case = [&](const char* name, const std::string& stages, bool metric) {
    Register(name, Run, {source, LineKind::kJson, stages, {json}, metric});
  };
  json_case("json/one_field", "| json", true);
  json_case("json/filter", StrCat("| json | ", json, "=\"x\""), false);
  json_case("json/extraction", StrCat("| json x=\"", json, "\""), false);
  json_case("json/all", "| json", false);
  Register("logfmt/one_field", Run, {source, LineKind::kLogfmt, "| logfmt", {logfmt}, true});
  Register("logfmt/all", Run, {source, LineKind::kLogfmt, "| logfmt", {}, false});
  const std::string access =
      "| pattern \"<ip> - <user> [<_>] \\\"<method> <path> <_>\\\" <status> <size> <_>\"";
  Register("pattern/one_field", Run, {source, LineKind::kAccess, access, {"status"}, true});
  Register("pattern/all", Run, {source, LineKind::kAccess, access, {}, false});
  Register("regexp/two_groups", Run,
           {source, LineKind::kAccess, "| regexp \"\\\"(?P<method>[A-Z]+) (?P<path>[^ ]+)\"", {}});
}

int Main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc != 2) {
    std::cerr << "usage: pipeline_bench CORPUS [--benchmark_filter=REGEX ...]\n";
    return 2;
  }
  const StatusOr<LineCorpus> corpus = LineCorpus::Read(argv[1]);
  if (!corpus.ok()) {
    std::cerr << argv[1] << ": " << corpus.status() << "\n";
    return 1;
  }
  PageSource source(*corpus);
  RegisterFilters(*corpus, &source);
  RegisterParsers(*corpus, &source);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace
}  // namespace skald::query

int main(int argc, char** argv) { return skald::query::Main(argc, argv); }
