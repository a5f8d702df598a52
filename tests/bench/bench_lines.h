// The lines that benchmarks store, and the main function that says where they come from.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace skald::bench {

struct BenchLines {
  std::vector<std::string> lines;
  uint64_t bytes = 0;  // of the lines' text

  void Add(std::string line) {
    bytes += line.size();
    lines.push_back(std::move(line));
  }
};

// The lines of the file that RunBenchmarks was given, 64 MiB at most; without one, made-up lines of
// an access log.
const BenchLines& TestLines();

// Runs the program's benchmarks: `PROGRAM [--lines=FILE] [--benchmark_filter=REGEX ...]`. Every
// line of FILE is a log line. Bytes per second count their text. Returns the exit code.
int RunBenchmarks(int argc, char** argv);

}  // namespace skald::bench
