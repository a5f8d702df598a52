#include "storage/base/process_stats.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace skald {
namespace {

using process_stats_internal::ParseStatLine;

// The system's start as Unix time: the line "btime <seconds>".
double BootUnixSeconds() {
  std::ifstream file("/proc/stat");
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("btime ")) return std::strtod(line.c_str() + 6, nullptr);
  }
  return 0;
}

uint64_t CountOpenFiles() {
  std::error_code error;
  uint64_t entries = 0;
  std::filesystem::directory_iterator entry("/proc/self/fd", error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    ++entries;
  }
  return entries > 0 ? entries - 1 : 0;  // one of them is this listing's own
}

}  // namespace

namespace process_stats_internal {

std::optional<StatLine> ParseStatLine(std::string_view line) {
  const size_t name_end = line.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  std::istringstream fields{std::string(line.substr(name_end + 1))};
  // Fields are numbered from 1 in proc(5); the first after the name is 3, the state.
  constexpr int kUserTicks = 14;
  constexpr int kSystemTicks = 15;
  constexpr int kThreads = 20;
  constexpr int kStartTicks = 22;
  constexpr int kVirtualBytes = 23;
  constexpr int kResidentPages = 24;
  StatLine stat;
  std::string text;
  for (int field = 3; field <= kResidentPages; ++field) {
    if (!(fields >> text)) return std::nullopt;
    const uint64_t value = std::strtoull(text.c_str(), nullptr, 10);
    if (field == kUserTicks || field == kSystemTicks) stat.cpu_ticks += value;
    if (field == kThreads) stat.threads = value;
    if (field == kStartTicks) stat.start_ticks = value;
    if (field == kVirtualBytes) stat.virtual_bytes = value;
    if (field == kResidentPages) stat.resident_pages = value;
  }
  return stat;
}

}  // namespace process_stats_internal

ProcessStats ReadProcessStats() {
  ProcessStats stats;
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  if (const auto stat = ParseStatLine(line); stat.has_value()) {
    const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
    stats.resident_bytes = stat->resident_pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
    stats.virtual_bytes = stat->virtual_bytes;
    stats.cpu_seconds = static_cast<double>(stat->cpu_ticks) / ticks_per_second;
    stats.start_unix_seconds =
        BootUnixSeconds() + static_cast<double>(stat->start_ticks) / ticks_per_second;
    stats.threads = stat->threads;
  }
  stats.open_files = CountOpenFiles();
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) stats.max_open_files = limit.rlim_cur;
  return stats;
}

uint64_t ReadResidentBytes() {
  std::ifstream file("/proc/self/statm");
  uint64_t total = 0;
  uint64_t resident_pages = 0;
  file >> total >> resident_pages;
  return resident_pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace skald
