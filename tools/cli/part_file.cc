#include "tools/cli/part_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace skald::cli {
namespace {

Status FileError(std::string_view action, const std::string& path) {
  return Internal(StrCat(action, " ", path, ": ", std::strerror(errno)));
}

}  // namespace

std::string PartPath(std::string_view prefix, const TimeSpan& span) {
  auto stamp = [](int64_t ns) {
    return absl::FormatTime("%Y%m%dT%H%M%S", absl::FromUnixNanos(ns), absl::UTCTimeZone());
  };
  return StrCat(prefix, "_", stamp(span.start), "_", stamp(span.end), ".part");
}

Status PartFile::Create() {
  file_.open(path_ + ".tmp", std::ios::binary | std::ios::trunc);
  return file_ ? absl::OkStatus() : FileError("create", path_ + ".tmp");
}

Status PartFile::Write(std::string_view text) {
  file_.write(text.data(), static_cast<std::streamsize>(text.size()));
  return file_ ? absl::OkStatus() : FileError("write", path_ + ".tmp");
}

Status PartFile::Complete() {
  file_.close();
  if (!file_) return FileError("close", path_ + ".tmp");
  if (std::rename((path_ + ".tmp").c_str(), path_.c_str()) != 0) return FileError("rename", path_);
  return absl::OkStatus();
}

}  // namespace skald::cli
