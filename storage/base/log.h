// The process log: one line per event, logfmt or JSON, on standard error.
//
//   SKALD_LOG(kInfo, "part written", {{"tenant", tenant}, {"rows", rows}});
//   -> ts=2026-01-05T00:00:00.000Z level=info caller=flusher.cc:42 msg="part written" tenant=fake …
//
// Repeats of one call site are limited to 10 a second; the next line that passes says how many
// were dropped. Threads: thread-safe.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "storage/base/strings.h"

namespace skald {

enum class LogLevel { kDebug, kInfo, kWarn, kError };
enum class LogFormat { kLogfmt, kJson };

// One key=value of a log line; anything StrCat takes is a value.
struct LogField {
  template <typename T>
  LogField(std::string_view k, const T& v) : key(k), value(StrCat(v)) {}
  std::string_view key;
  std::string value;
};

void SetLogLevel(LogLevel level);
LogLevel GetLogLevel();
void SetLogFormat(LogFormat format);
// Sends lines to `sink` (for tests); null restores standard error.
void SetLogSink(void (*sink)(LogLevel level, std::string_view line));

bool LogEnabled(LogLevel level);
void WriteLog(LogLevel level, const char* file, int line, std::string_view message,
              std::initializer_list<LogField> fields = {});

}  // namespace skald

#define SKALD_LOG(level, ...)                                                       \
  do {                                                                              \
    if (::skald::LogEnabled(::skald::LogLevel::level))                              \
      ::skald::WriteLog(::skald::LogLevel::level, __FILE__, __LINE__, __VA_ARGS__); \
  } while (false)
