#include "storage/base/log.h"

#include <unistd.h>

#include <atomic>
#include <cstdio>

#include "absl/time/time.h"
#include "storage/base/clock.h"
#include "storage/base/log_counts.h"
#include "storage/base/log_rate_limit.h"
#include "storage/base/utf8.h"

namespace skald {
namespace {

using Sink = void (*)(LogLevel level, std::string_view line);

std::atomic<LogLevel> g_level{LogLevel::kInfo};
std::atomic<LogFormat> g_format{LogFormat::kLogfmt};
std::atomic<Sink> g_sink{nullptr};
std::atomic<uint64_t> g_counts[4] = {};  // by level

// One write per line, so that lines of several threads do not mix.
void WriteToStandardError(std::string line) {
  line.push_back('\n');
  std::string_view left = line;
  while (!left.empty()) {
    const ssize_t written = write(STDERR_FILENO, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    left.remove_prefix(static_cast<size_t>(written));
  }
}

std::string_view LevelText(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      return "error";
  }
  return "info";
}

std::string TimeText(int64_t wall_nanos) {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E3SZ", absl::FromUnixNanos(wall_nanos),
                          absl::UTCTimeZone());
}

std::string_view FileName(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// Appends `text` in double quotes with JSON's escapes; invalid UTF-8 becomes U+FFFD.
void AppendJsonString(std::string* out, std::string_view text) {
  out->push_back('"');
  while (!text.empty()) {
    const DecodedRune rune = DecodeRune(text);
    const std::string_view bytes = text.substr(0, rune.size);
    text.remove_prefix(rune.size);
    if (rune.rune == '"' || rune.rune == '\\') {
      out->push_back('\\');
      out->append(bytes);
    } else if (rune.rune == '\n') {
      out->append("\\n");
    } else if (rune.rune == '\t') {
      out->append("\\t");
    } else if (rune.rune == '\r') {
      out->append("\\r");
    } else if (rune.rune < ' ' || rune.rune == 0x7F) {
      absl::StrAppend(out, "\\u", absl::Hex(static_cast<uint32_t>(rune.rune), absl::kZeroPad4));
    } else {
      AppendRune(out, rune.rune);
    }
  }
  out->push_back('"');
}

bool NeedsQuotes(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '=' || c == '"' || c == '\\' || c == 0x7F) {
      return true;
    }
  }
  return !IsValidUtf8(text);
}

void AppendLogfmt(std::string* out, std::string_view key, std::string_view value) {
  if (!out->empty()) out->push_back(' ');
  out->append(key);
  out->push_back('=');
  if (NeedsQuotes(value)) {
    AppendJsonString(out, value);
  } else {
    out->append(value);
  }
}

void AppendJson(std::string* out, std::string_view key, std::string_view value) {
  out->push_back(out->empty() ? '{' : ',');
  AppendJsonString(out, key);
  out->push_back(':');
  AppendJsonString(out, value);
}

}  // namespace

void SetLogLevel(LogLevel level) { g_level = level; }
LogLevel GetLogLevel() { return g_level; }
void SetLogFormat(LogFormat format) { g_format = format; }
void SetLogSink(Sink sink) { g_sink = sink; }
bool LogEnabled(LogLevel level) { return level >= g_level.load(std::memory_order_relaxed); }

uint64_t LogCount(LogLevel level) { return g_counts[static_cast<size_t>(level)]; }

void WriteLog(LogLevel level, const char* file, int line, std::string_view message,
              std::initializer_list<LogField> fields) {
  g_counts[static_cast<size_t>(level)].fetch_add(1, std::memory_order_relaxed);
  static LogRateLimit* const limit = new LogRateLimit();  // outlives threads that still log
  const std::optional<uint64_t> dropped = limit->Admit(file, line, Clock::Real()->MonotonicNanos());
  if (!dropped.has_value()) return;

  const bool json = g_format == LogFormat::kJson;
  const auto append = json ? AppendJson : AppendLogfmt;
  std::string out;
  append(&out, "ts", TimeText(Clock::Real()->WallNanos()));
  append(&out, "level", LevelText(level));
  append(&out, "caller", StrCat(FileName(file), ":", line));
  append(&out, "msg", message);
  for (const LogField& field : fields) append(&out, field.key, field.value);
  if (*dropped > 0) append(&out, "dropped", StrCat(*dropped));
  if (json) out.push_back('}');

  if (const Sink sink = g_sink; sink != nullptr) {
    sink(level, out);
  } else {
    WriteToStandardError(std::move(out));
  }
}

}  // namespace skald
