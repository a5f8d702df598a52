// Throughput of pipeline stages over log lines, in bytes of line text.
//
// Lines are made up; a file of real ones in SKALD_BENCH_LINES is measured instead where a benchmark
// does not need its own kind.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "query/stage/pipeline.h"
#include "query/syntax/parser.h"

namespace skald::query {
namespace {

constexpr size_t kTextBytes = 4 << 20;

std::string JsonLine(int i) {
  return StrCat(R"({"ts":"2026-01-05T00:00:)", i % 60, R"(Z","level":")",
                i % 7 == 0 ? "error" : "info", R"(","caller":"http.go:)", i % 300,
                R"(","method":"GET","path":"/api/users/)", i, R"(","status":)",
                i % 5 == 0 ? 500 : 200, R"(,"duration":")", i % 1000, R"(ms","user":{"id":)",
                i % 97, R"(,"name":"ann"},"msg":"request done"})");
}

std::string LogfmtLine(int i) {
  return StrCat("ts=2026-01-05T00:00:", i % 60, "Z level=", i % 7 == 0 ? "error" : "info",
                " caller=http.go:", i % 300, " method=GET path=/api/users/", i,
                " status=", i % 5 == 0 ? 500 : 200, " duration=", i % 1000,
                "ms user=ann msg=\"request done\"");
}

std::string AccessLine(int i) {
  return StrCat("10.0.", i % 256, ".", i % 97, " - bob [05/Jan/2026:00:00:", i % 60,
                " +0000] \"GET /api/users/", i, " HTTP/1.1\" ", i % 5 == 0 ? 500 : 200, " ",
                i * 37 % 90000, " \"-\" \"Mozilla/5.0 (X11; Linux x86_64)\" 0.0", i % 10);
}

// Lines joined as in a decoded page.
struct Page {
  std::string text;
  std::vector<std::string_view> lines;
};

Page MakePage(std::string (*line)(int)) {
  Page page;
  std::vector<size_t> ends;
  std::string from_file;
  const char* path = std::getenv("SKALD_BENCH_LINES");
  std::ifstream file(path == nullptr ? "" : path);
  for (int i = 0; page.text.size() < kTextBytes; ++i) {
    page.text += std::getline(file, from_file) ? from_file : line(i);
    ends.push_back(page.text.size());
  }
  size_t begin = 0;
  for (const size_t end : ends) {
    page.lines.push_back(std::string_view(page.text).substr(begin, end - begin));
    begin = end;
  }
  return page;
}

// Searches a page for the first condition as storage does.
void Filter(benchmark::State& state, std::string (*line)(int), const std::string& stages) {
  const Page page = MakePage(line);
  const Query query = *ParseQuery(StrCat("{a=\"b\"} ", stages));
  const auto pipeline = *Pipeline::Compile(*query.log(), {});
  const LineMatcher& matcher = *pipeline->line_conditions()[0].matcher;
  size_t found = 0;
  for (auto _ : state) {
    for (size_t row = 0, begin = 0; row < page.lines.size();) {
      const LineMatcher::Candidate candidate = matcher.FindCandidate(page.text, begin);
      if (candidate.offset == std::string_view::npos) break;
      while (begin + page.lines[row].size() <= candidate.offset) begin += page.lines[row++].size();
      const bool proven = candidate.proof_size > 0 &&
                          candidate.offset + candidate.proof_size <= begin + page.lines[row].size();
      found += proven || matcher.Matches(page.lines[row]);
      begin += page.lines[row++].size();
    }
  }
  state.counters["rows"] = static_cast<double>(found) / static_cast<double>(state.iterations());
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * page.text.size()));
}

// Runs the operators over all lines, batch by batch.
void Run(benchmark::State& state, std::string (*line)(int), const std::string& stages,
         std::optional<std::vector<std::string>> grouping) {
  const Page page = MakePage(line);
  const Query query = *ParseQuery(StrCat("{a=\"b\"} ", stages));
  PipelineOptions options;
  options.metric = grouping.has_value();
  options.grouping_labels = std::move(grouping);
  const auto pipeline = *Pipeline::Compile(*query.log(), options);
  const std::vector<StreamPtr> streams = {
      std::make_shared<const Stream>(LabelSet::FromPairs({{"app", "web"}}))};
  Batch batch;
  size_t rows = 0;
  for (auto _ : state) {
    for (size_t begin = 0; begin < page.lines.size(); begin += kMaxBatchRows) {
      batch.Reset(streams);
      const size_t end = std::min(page.lines.size(), begin + kMaxBatchRows);
      for (size_t i = begin; i < end; ++i) {
        batch.selection.push_back(static_cast<uint32_t>(i - begin));
        batch.lines.push_back(page.lines[i]);
      }
      batch.timestamps.resize(end - begin);
      batch.stream_of.resize(end - begin);
      if (!pipeline->Run(&batch).ok()) state.SkipWithError("pipeline failed");
      rows += batch.selection.size();
    }
  }
  state.counters["rows"] = static_cast<double>(rows) / static_cast<double>(state.iterations());
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * page.text.size()));
}

void Register(const char* name, std::string (*line)(int), const char* stages) {
  benchmark::RegisterBenchmark(name, Filter, line, std::string(stages));
}
void Register(const char* name, std::string (*line)(int), const char* stages,
              std::optional<std::vector<std::string>> grouping) {
  benchmark::RegisterBenchmark(name, Run, line, std::string(stages), std::move(grouping));
}

}  // namespace
}  // namespace skald::query

int main(int argc, char** argv) {
  using namespace skald::query;
  const std::vector<std::string> status = {"status"};
  Register("filter/literal_absent", AccessLine, "|= \"no such text\"");
  Register("filter/literal_rare", AccessLine, "|= \"users/777\"");
  Register("filter/two_literals", AccessLine, "|= \"no such text\" or \"nor this one\"");
  Register("filter/regex_with_literal", AccessLine, "|~ \"users/77[0-9]7 \"");
  Register("filter/folded_literal", AccessLine, "|~ \"(?i)no such error\"");
  Register("filter/folded_regex", AccessLine, "|~ \"(?i)error .*timeout\"");
  Register("filter/folded_alternation", AccessLine, "|~ \"(?i)(error|warning|panic)\"");
  Register("filter/regex_without_literal", AccessLine, "|~ \"[0-9]{7}\"");
  Register("json/all", JsonLine, "| json", std::nullopt);
  Register("json/one_field", JsonLine, "| json", status);
  Register("json/filter", JsonLine, "| json | status>=500", std::nullopt);
  Register("json/extraction", JsonLine, "| json s=\"status\"", std::nullopt);
  Register("logfmt/all", LogfmtLine, "| logfmt", std::nullopt);
  Register("logfmt/one_field", LogfmtLine, "| logfmt", status);
  Register("pattern/all", AccessLine,
           "| pattern \"<ip> - <user> [<_>] \\\"<method> <path> <_>\\\" <status> <size> <_>\"",
           std::nullopt);
  Register("pattern/one_field", AccessLine,
           "| pattern \"<ip> - <user> [<_>] \\\"<method> <path> <_>\\\" <status> <size> <_>\"",
           status);
  Register("regexp/two_groups", AccessLine, "| regexp \"\\\"(?P<method>[A-Z]+) (?P<path>[^ ]+)\"",
           std::nullopt);
  Register("line_format/fields", LogfmtLine, "| logfmt | line_format \"{{.status}} {{.path}}\"",
           std::nullopt);
  Register("label_filter/string", LogfmtLine, "| app=~\"w.b\"", std::nullopt);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
