// The script language of the LogQL tests: statements at the start of a line, each with the indented
// lines below it. README.md describes the language; this file only cuts scripts apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "query/engine/engine.h"
#include "storage/base/status.h"
#include "tests/support/engine_harness.h"

namespace skald::logql_test {

struct Statement {
  size_t line = 0;                // of the first line, from 0
  std::string keyword;            // the first word
  std::string rest;               // what follows it
  std::vector<std::string> body;  // the indented lines, trimmed, without comments
  size_t body_end = 0;            // the line after the last one of the body
};

// InvalidArgument when a script starts with an indented line.
StatusOr<std::vector<Statement>> ParseScript(const std::vector<std::string>& lines);

// What an `eval` asks.
struct Evaluation {
  enum class Kind { kLog, kRange, kInstant };
  Kind kind = Kind::kLog;
  query::QueryParams params;
  std::string query;
};
// Parses the rest of an `eval` statement.
StatusOr<Evaluation> ParseEvaluation(std::string_view text);

// Parses the rest and the body of a `load` statement: the rows of one stream.
StatusOr<std::vector<test_support::PlainRow>> ParseRows(const Statement& load);

// `10s`, `-5m`, `1500ms`, `0`: nanoseconds since the epoch, or a length of time.
StatusOr<int64_t> ParseTime(std::string_view text);
std::string FormatTime(int64_t nanos);

// A log line as scripts write it: as it is, or as `$"…"` with Go's escapes where it is empty, has
// spaces at its ends or control characters.
std::string FormatLine(std::string_view line);

// The word up to the next space, which is taken off `text` with the spaces behind it.
std::string_view TakeWord(std::string_view* text);

}  // namespace skald::logql_test
