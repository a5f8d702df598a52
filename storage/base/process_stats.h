// What the process uses of the machine, as the kernel counts it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace skald {

// Values that could not be read are 0.
struct ProcessStats {
  uint64_t resident_bytes = 0;
  uint64_t virtual_bytes = 0;
  double cpu_seconds = 0;         // user and system
  double start_unix_seconds = 0;  // when the process started
  uint64_t open_files = 0;
  uint64_t max_open_files = 0;
  uint64_t threads = 0;
};

ProcessStats ReadProcessStats();

// The resident bytes alone, at the cost of reading one short file.
uint64_t ReadResidentBytes();

namespace process_stats_internal {

// The fields of /proc/<pid>/stat that we use.
struct StatLine {
  uint64_t cpu_ticks = 0;
  uint64_t threads = 0;
  uint64_t start_ticks = 0;
  uint64_t virtual_bytes = 0;
  uint64_t resident_pages = 0;
};

// Parses the line; the process name in it may hold spaces and parentheses.
std::optional<StatLine> ParseStatLine(std::string_view line);

}  // namespace process_stats_internal
}  // namespace skald
