#include "query/syntax/pattern_syntax.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "storage/base/strings.h"

namespace skald::query {
namespace {

// The name of the capture at the front of `text`, or empty if none stands there.
std::string_view CaptureName(std::string_view text) {
  if (!text.starts_with('<')) return {};
  size_t size = 1;
  while (size < text.size() &&
         (absl::ascii_isalnum(static_cast<unsigned char>(text[size])) || text[size] == '_')) {
    ++size;
  }
  const std::string_view name = text.substr(1, size - 1);
  const bool closed = size < text.size() && text[size] == '>';
  if (!closed || name.empty() || absl::ascii_isdigit(static_cast<unsigned char>(name[0])))
    return {};
  return name;
}

std::vector<PatternPiece> SplitPattern(std::string_view text) {
  std::vector<PatternPiece> pieces;
  size_t literal_begin = 0;
  for (size_t i = 0; i < text.size();) {
    const std::string_view name = CaptureName(text.substr(i));
    if (name.empty()) {
      ++i;
      continue;
    }
    if (i > literal_begin)
      pieces.push_back({false, std::string(text.substr(literal_begin, i - literal_begin))});
    pieces.push_back({true, std::string(name)});
    i += name.size() + 2;
    literal_begin = i;
  }
  if (literal_begin < text.size())
    pieces.push_back({false, std::string(text.substr(literal_begin))});
  return pieces;
}

Status CheckNotAdjacent(const std::vector<PatternPiece>& pieces) {
  for (size_t i = 1; i < pieces.size(); ++i) {
    if (!pieces[i - 1].is_capture || !pieces[i].is_capture) continue;
    return InvalidArgument(StrCat("found consecutive capture '<", pieces[i - 1].text, "><",
                                  pieces[i].text, ">': invalid expression"));
  }
  return absl::OkStatus();
}

Status CheckDistinct(const std::vector<PatternPiece>& pieces) {
  StringSet names;
  for (const PatternPiece& piece : pieces) {
    if (piece.is_named() && !names.insert(piece.text).second) {
      return InvalidArgument(
          StrCat("duplicate capture name (", piece.text, "): invalid expression"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

StatusOr<std::vector<PatternPiece>> ParsePattern(std::string_view text) {
  if (text.empty()) {
    return InvalidArgument(
        "parse error at line 1, col 1: syntax error: unexpected $end, expecting IDENTIFIER or "
        "LITERAL");
  }
  std::vector<PatternPiece> pieces = SplitPattern(text);
  const bool captures = std::any_of(pieces.begin(), pieces.end(),
                                    [](const PatternPiece& piece) { return piece.is_named(); });
  if (!captures) return InvalidArgument("at least one capture is required");
  RETURN_IF_ERROR(CheckNotAdjacent(pieces));
  RETURN_IF_ERROR(CheckDistinct(pieces));
  return pieces;
}

StatusOr<std::vector<PatternPiece>> ParseLinePattern(std::string_view text) {
  std::vector<PatternPiece> pieces = SplitPattern(text);
  RETURN_IF_ERROR(CheckNotAdjacent(pieces));
  for (const PatternPiece& piece : pieces) {
    if (piece.is_named()) {
      return InvalidArgument(StrCat("named captures are not allowed: found '<", piece.text, ">'"));
    }
  }
  return pieces;
}

}  // namespace skald::query
