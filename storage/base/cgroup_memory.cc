#include "storage/base/cgroup_memory.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <optional>
#include <string_view>

#include "storage/base/strings.h"

namespace skald {
namespace {

constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();

// Version 1 writes "no limit" as a page-rounded huge number; nobody has a pebibyte of memory.
constexpr uint64_t kAbsurd = uint64_t{1} << 50;

// The number that a text starts with, if any.
std::optional<uint64_t> LeadingNumber(std::string_view text) {
  const size_t digits = text.find_first_not_of(" \t");
  if (digits == std::string_view::npos) return std::nullopt;
  uint64_t value = 0;
  const auto result = std::from_chars(text.data() + digits, text.data() + text.size(), value);
  if (result.ec != std::errc()) return std::nullopt;
  return value;
}

// The limit in a file; none for "max", for an absurd one and for no such file.
uint64_t LimitIn(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  const uint64_t limit = LeadingNumber(line).value_or(kNoLimit);
  return limit >= kAbsurd ? kNoLimit : limit;
}

// The smallest limit in the files `name` from <mount>/<group> up to <mount>.
uint64_t SmallestLimitUpwards(const std::string& mount, std::string group, std::string_view name) {
  uint64_t smallest = kNoLimit;
  while (true) {
    smallest = std::min(smallest, LimitIn(StrCat(mount, group, "/", name)));
    if (group.empty()) return smallest;
    group.resize(group.rfind('/') == std::string::npos ? 0 : group.rfind('/'));
  }
}

// True if the comma-separated `controllers` have one for memory.
bool ControlsMemory(std::string_view controllers) {
  while (true) {
    const size_t comma = controllers.find(',');
    if (controllers.substr(0, comma) == "memory") return true;
    if (comma == std::string_view::npos) return false;
    controllers.remove_prefix(comma + 1);
  }
}

// Lines of /proc/self/cgroup are "id:controllers:path"; version 2's has no controllers.
uint64_t ControlGroupLimit(const std::string& root) {
  const std::string mount = StrCat(root, "/sys/fs/cgroup");
  uint64_t limit = kNoLimit;
  std::ifstream file(StrCat(root, "/proc/self/cgroup"));
  std::string line;
  while (std::getline(file, line)) {
    const size_t first = line.find(':');
    const size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    std::string group = line.substr(second + 1);
    if (group == "/") group.clear();
    if (controllers.empty()) {
      limit = std::min(limit, SmallestLimitUpwards(mount, group, "memory.max"));
    } else if (ControlsMemory(controllers)) {
      limit = std::min(
          limit, SmallestLimitUpwards(StrCat(mount, "/memory"), group, "memory.limit_in_bytes"));
    }
  }
  return limit;
}

uint64_t TotalMemory(const std::string& root) {
  constexpr std::string_view kTotal = "MemTotal:";
  std::ifstream file(StrCat(root, "/proc/meminfo"));
  std::string line;
  while (std::getline(file, line)) {
    if (!line.starts_with(kTotal)) continue;
    const auto kibibytes = LeadingNumber(std::string_view(line).substr(kTotal.size()));
    return kibibytes.has_value() ? *kibibytes * 1024 : kNoLimit;
  }
  return kNoLimit;
}

}  // namespace

uint64_t MemoryLimitOfProcess(const std::string& root) {
  const uint64_t limit = std::min(ControlGroupLimit(root), TotalMemory(root));
  return limit == kNoLimit ? 0 : limit;
}

}  // namespace skald
