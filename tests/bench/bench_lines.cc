#include "tests/bench/bench_lines.h"

#include <benchmark/benchmark.h>

#include <fstream>
#include <iostream>
#include <string_view>

#include "storage/base/check.h"
#include "storage/base/strings.h"
#include "storage/base/units.h"
#include "tests/support/random.h"

namespace skald::bench {
namespace {

constexpr uint64_t kMaxBytes = 64_MiB;

std::string lines_path;  // NOLINT: set once, by RunBenchmarks

BenchLines MakeLines() {
  Random random(1);
  BenchLines result;
  while (result.bytes < kMaxBytes) {
    result.Add(StrCat("10.0.", random.Below(256), ".", random.Below(256),
                      " - - [05/Jan/2026:10:00:00 +0000] \"GET /api/v1/items/",
                      random.Below(100000), "?page=", random.Below(50), " HTTP/1.1\" ",
                      random.OneIn(20) ? 500 : 200, " ", random.Below(100000),
                      " \"-\" \"Mozilla/5.0 (X11; Linux x86_64)\" trace_id=",
                      absl::Hex(random.Next(), absl::kZeroPad16)));
  }
  return result;
}

BenchLines ReadLines() {
  BenchLines result;
  std::ifstream in(lines_path);
  std::string line;
  while (result.bytes < kMaxBytes && std::getline(in, line)) result.Add(line);
  SKALD_CHECK(!result.lines.empty());
  return result;
}

}  // namespace

const BenchLines& TestLines() {
  static const auto* const kLines = new BenchLines(lines_path.empty() ? MakeLines() : ReadLines());
  return *kLines;
}

int RunBenchmarks(int argc, char** argv) {
  constexpr std::string_view kLinesFlag = "--lines=";
  benchmark::Initialize(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (!argument.starts_with(kLinesFlag)) {
      std::cerr << "unknown argument " << argument << "\n";
      return 1;
    }
    lines_path = std::string(argument.substr(kLinesFlag.size()));
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace skald::bench
