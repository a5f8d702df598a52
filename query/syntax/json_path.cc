#include "query/syntax/json_path.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/strings/ascii.h"
#include "storage/base/strings.h"
#include "storage/base/utf8.h"

namespace skald::query {
namespace {

enum class PathToken { kEnd, kDot, kField, kOpen, kClose, kString, kIndex };

std::string_view Name(PathToken token) {
  constexpr std::string_view kNames[] = {"$end", "DOT", "FIELD", "LSB", "RSB", "STRING", "INDEX"};
  return kNames[static_cast<size_t>(token)];
}

bool IsFieldByte(char c, bool first) {
  const auto byte = static_cast<unsigned char>(c);
  return c == '_' || (first ? absl::ascii_isalpha(byte) : absl::ascii_isalnum(byte));
}

class PathParser {
 public:
  explicit PathParser(std::string_view text) : text_(text), rest_(text) {}

  StatusOr<std::vector<JsonPathStep>> Parse() {
    Advance();
    if (token_ == PathToken::kField) {
      Push(std::string(value_));
    } else if (token_ == PathToken::kOpen) {
      RETURN_IF_ERROR(ParseBracket());
    } else {
      return Unexpected(", expecting LSB or FIELD");
    }
    while (token_ == PathToken::kDot || token_ == PathToken::kOpen) {
      RETURN_IF_ERROR(token_ == PathToken::kDot ? ParseField() : ParseBracket());
    }
    if (token_ != PathToken::kEnd) return Unexpected("");
    if (!bad_rune_.empty()) return Error(StrCat("unexpected char ", bad_rune_));
    return std::move(steps_);
  }

 private:
  Status ParseField() {
    Advance();
    if (token_ != PathToken::kField) return Unexpected(", expecting FIELD");
    Push(std::string(value_));
    return absl::OkStatus();
  }

  Status ParseBracket() {
    Advance();
    JsonPathStep step;
    if (token_ == PathToken::kString) {
      step = std::string(value_);
    } else if (token_ == PathToken::kIndex) {
      step = index_;
    } else {
      return Unexpected(", expecting STRING or INDEX");
    }
    Advance();
    if (token_ != PathToken::kClose) return Unexpected(", expecting RSB");
    Push(std::move(step));
    return absl::OkStatus();
  }

  void Push(JsonPathStep step) {
    steps_.push_back(std::move(step));
    Advance();
  }

  // Reads the next token. What is none, and an index that is not followed by a bracket, end the
  // path; for a bad rune that counts only where the path may end.
  void Advance() {
    rest_ = ToStd(absl::StripLeadingAsciiWhitespace(ToAbsl(rest_)));
    token_ = PathToken::kEnd;
    if (rest_.empty()) return;
    const char c = rest_.front();
    if (c == '.' || c == '[' || c == ']') {
      token_ = c == '.' ? PathToken::kDot : c == '[' ? PathToken::kOpen : PathToken::kClose;
      rest_.remove_prefix(1);
    } else if (c == '"') {
      ReadString();
    } else if (IsFieldByte(c, /*first=*/true)) {
      size_t size = 1;
      while (size < rest_.size() && IsFieldByte(rest_[size], /*first=*/false)) ++size;
      value_ = rest_.substr(0, size);
      rest_.remove_prefix(size);
      token_ = PathToken::kField;
    } else if (absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      ReadIndex();
    } else {
      bad_rune_ = rest_.substr(0, DecodeRune(rest_).size);
      rest_ = {};
    }
  }

  // Text without escapes, ended by a quote or by a bracket, which is then gone.
  void ReadString() {
    rest_.remove_prefix(1);
    const size_t end = std::min(rest_.find_first_of("\"]"), rest_.size());
    value_ = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    token_ = PathToken::kString;
  }

  void ReadIndex() {
    const char* end = rest_.data() + rest_.size();
    const auto result = std::from_chars(rest_.data(), end, index_);
    const bool closed =
        result.ec == std::errc() && result.ptr != end &&
        (*result.ptr == ']' || absl::ascii_isspace(static_cast<unsigned char>(*result.ptr)));
    if (closed) {
      rest_.remove_prefix(static_cast<size_t>(result.ptr - rest_.data()));
      token_ = PathToken::kIndex;
    } else {
      bad_rune_ = rest_.substr(0, 1);
      rest_ = {};
    }
  }

  Status Error(std::string_view message) const {
    return InvalidArgument(StrCat("cannot parse expression [", text_, "]: ", message));
  }
  Status Unexpected(std::string_view expecting) const {
    return Error(StrCat("syntax error: unexpected ", Name(token_), expecting));
  }

  const std::string_view text_;
  std::string_view rest_;
  PathToken token_ = PathToken::kEnd;
  std::string_view value_;  // of a field or string
  size_t index_ = 0;
  std::string_view bad_rune_;
  std::vector<JsonPathStep> steps_;
};

}  // namespace

StatusOr<std::vector<JsonPathStep>> ParseJsonPath(std::string_view text) {
  return PathParser(text).Parse();
}

}  // namespace skald::query
