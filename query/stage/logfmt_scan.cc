#include "query/stage/logfmt_scan.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "query/stage/byte_scan.h"
#include "query/stage/json_text.h"
#include "storage/base/json_escape.h"
#include "storage/base/strings.h"
#include "storage/base/utf8.h"

namespace skald::query {
namespace {

// Bytes that end a bare word: everything up to the space, `=` and `"`.
constexpr std::array<bool, 256> kEndsWord = [] {
  std::array<bool, 256> table{};
  for (size_t c = 0; c <= ' '; ++c) table[c] = true;
  table['='] = true;
  table['"'] = true;
  return table;
}();

bool IsBlank(char c) { return static_cast<unsigned char>(c) <= ' '; }

size_t FindWordEnd(std::string_view text, size_t pos) {
  while (pos < text.size() && !kEndsWord[static_cast<unsigned char>(text[pos])]) ++pos;
  return pos;
}

// Reads one or two unicode escapes at `pos`; half a surrogate pair becomes U+FFFD.
char32_t ReadUnicodeEscapes(std::string_view text, size_t* pos, int unit) {
  *pos += kUnicodeEscapeSize;
  if (!IsHighSurrogate(unit) && !IsLowSurrogate(unit)) return static_cast<char32_t>(unit);
  const int low = ReadUnicodeEscape(text.substr(*pos));
  if (IsLowSurrogate(unit) || !IsLowSurrogate(low)) return kReplacementRune;
  *pos += kUnicodeEscapeSize;
  return CombineSurrogates(unit, low);
}

char SimpleEscape(char c) { return c == '\'' ? c : SimpleJsonEscape(c); }

}  // namespace

size_t UnescapeLogfmt(std::string_view text, char* out) {
  size_t size = 0;
  const auto put = [&](std::string_view bytes) {
    if (out != nullptr) std::memcpy(out + size, bytes.data(), bytes.size());
    size += bytes.size();
  };
  for (size_t pos = 0; pos < text.size();) {
    if (text[pos] != '\\') {
      put(text.substr(pos++, 1));
      continue;
    }
    if (pos + 1 == text.size()) return std::string_view::npos;
    if (text[pos + 1] == 'u') {
      const int unit = ReadUnicodeEscape(text.substr(pos));
      if (unit < 0) return std::string_view::npos;
      std::string encoded;
      AppendRune(&encoded, ReadUnicodeEscapes(text, &pos, unit));
      put(encoded);
      continue;
    }
    const char simple = SimpleEscape(text[pos + 1]);
    if (simple == '\0') return std::string_view::npos;
    put({&simple, 1});
    pos += 2;
  }
  return size;
}

LogfmtScanner::Result LogfmtScanner::Fail(std::string_view what) {
  error_ = what;
  unexpected_ = '\0';
  return Result::kError;
}

LogfmtScanner::Result LogfmtScanner::UnexpectedByte() {
  unexpected_ = line_[pos_];
  return Result::kError;
}

LogfmtScanner::Result LogfmtScanner::Next() {
  while (pos_ < line_.size() && IsBlank(line_[pos_])) ++pos_;
  if (pos_ == line_.size()) return Result::kEnd;
  const size_t start = pos_;
  pos_ = FindWordEnd(line_, pos_);
  key_ = line_.substr(start, pos_ - start);
  value_ = {};
  escaped_ = false;
  after_pair_ = false;
  const bool at_end = pos_ == line_.size();
  if (!at_end && (line_[pos_] == '"' || key_.empty())) return UnexpectedByte();
  if (HasBadRunes(key_)) return Fail("invalid key");
  if (at_end || line_[pos_] != '=') return Result::kPair;
  ++pos_;
  if (pos_ == line_.size() || IsBlank(line_[pos_])) return Result::kPair;
  return line_[pos_] == '"' ? NextQuoted() : NextBare();
}

LogfmtScanner::Result LogfmtScanner::NextBare() {
  const size_t start = pos_;
  pos_ = FindWordEnd(line_, pos_);
  if (pos_ < line_.size() && !IsBlank(line_[pos_])) return UnexpectedByte();
  value_ = line_.substr(start, pos_ - start);
  return Result::kPair;
}

LogfmtScanner::Result LogfmtScanner::NextQuoted() {
  const size_t start = ++pos_;
  while (true) {
    const size_t found = FindAnyByte<'"', '\\'>(line_, pos_);
    if (found == std::string_view::npos) {
      pos_ = line_.size();
      return Fail("unterminated quoted value");
    }
    pos_ = found + 1;
    if (line_[found] == '"') break;
    escaped_ = true;
    pos_ = std::min(pos_ + 1, line_.size());
  }
  value_ = line_.substr(start, pos_ - 1 - start);
  if (escaped_ && UnescapeLogfmt(value_, nullptr) == std::string_view::npos) {
    after_pair_ = true;
    return Fail("invalid quoted value");
  }
  return Result::kPair;
}

std::string LogfmtScanner::Error() const {
  const std::string what = unexpected_ == '\0'
                               ? std::string(error_)
                               : StrCat("unexpected '", std::string(1, unexpected_), "'");
  return StrCat("logfmt syntax error at pos ", pos_ + 1, " : ", what);
}

void LogfmtScanner::SkipPair() {
  if (after_pair_) return;
  while (pos_ < line_.size() && !IsBlank(line_[pos_])) ++pos_;
}

}  // namespace skald::query
