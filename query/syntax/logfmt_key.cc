#include "query/syntax/logfmt_key.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "storage/base/strings.h"
#include "storage/base/utf8.h"

namespace skald::query {
namespace {

bool IsKeyByte(char c, bool first) {
  const auto byte = static_cast<unsigned char>(c);
  return c == '_' || (first ? absl::ascii_isalpha(byte) : absl::ascii_isalnum(byte));
}

std::string_view SkipBlanks(std::string_view text) {
  return ToStd(absl::StripLeadingAsciiWhitespace(ToAbsl(text)));
}

// Takes a key or a quoted text, which has no escapes, off the front of `rest`. Empty-handed if
// neither stands there.
bool TakeKey(std::string_view* rest, std::string* key) {
  if (rest->starts_with('"')) {
    rest->remove_prefix(1);
    const size_t end = std::min(rest->find('"'), rest->size());
    *key = rest->substr(0, end);
    rest->remove_prefix(std::min(end + 1, rest->size()));
    return true;
  }
  size_t size = 0;
  while (size < rest->size() && IsKeyByte((*rest)[size], size == 0)) ++size;
  *key = rest->substr(0, size);
  rest->remove_prefix(size);
  return size > 0;
}

}  // namespace

StatusOr<std::string> ParseLogfmtKey(std::string_view text) {
  auto error = [text](std::string_view message) {
    return InvalidArgument(StrCat("cannot parse expression [", text, "]: ", message));
  };
  std::string key;
  std::string_view rest = SkipBlanks(text);
  if (!TakeKey(&rest, &key)) {
    return error("syntax error: unexpected $end, expecting STRING or KEY");
  }
  rest = SkipBlanks(rest);
  if (rest.empty()) return key;
  if (rest[0] == '"') return error("syntax error: unexpected STRING");
  if (IsKeyByte(rest[0], /*first=*/true)) return error("syntax error: unexpected KEY");
  return error(StrCat("unexpected char ", rest.substr(0, DecodeRune(rest).size)));
}

}  // namespace skald::query
