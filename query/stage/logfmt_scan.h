// The pairs of a logfmt line, as Loki's decoder splits them (logql.md 5.5).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace skald::query {

inline constexpr std::string_view kLogfmtParserError = "LogfmtParserErr";

// Threads: externally synchronised.
class LogfmtScanner {
 public:
  explicit LogfmtScanner(std::string_view line) : line_(line) {}

  enum class Result {
    kPair,   // key() and value() are set
    kEnd,    // no more pairs
    kError,  // a malformed pair: Error() says why, SkipPair() goes on behind it
  };
  Result Next();

  std::string_view key() const { return key_; }
  // What is between the quotes, or the bare word; empty when there is none.
  std::string_view value() const { return value_; }
  // True if value() holds escapes, all of them valid: UnescapeLogfmt resolves them.
  bool escaped() const { return escaped_; }

  // "logfmt syntax error at pos 4 : unexpected '='".
  std::string Error() const;
  // Goes behind a malformed pair: to the next blank, or behind the quotes whose escapes are wrong.
  void SkipPair();

 private:
  Result Fail(std::string_view what);
  Result UnexpectedByte();
  Result NextQuoted();
  Result NextBare();

  std::string_view line_;
  size_t pos_ = 0;
  std::string_view key_;
  std::string_view value_;
  bool escaped_ = false;
  bool after_pair_ = false;  // at an error: the pair's end is known
  std::string_view error_;
  char unexpected_ = '\0';
};

// Resolves the escapes of a quoted value into `out`, which has room for it; returns the size, or
// npos if one is not valid. `out` may be null to check only.
size_t UnescapeLogfmt(std::string_view text, char* out);

}  // namespace skald::query
