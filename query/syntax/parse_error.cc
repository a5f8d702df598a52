#include "query/syntax/parse_error.h"

#include "storage/base/strings.h"

namespace skald::query {

Status ParseErrorAt(Position position, std::string_view message) {
  if (position.line == 0 && position.column == 0) return ParseError(message);
  return InvalidArgument(
      StrCat("parse error at line ", position.line, ", col ", position.column, ": ", message));
}

Status ParseError(std::string_view message) {
  return InvalidArgument(StrCat("parse error : ", message));
}

}  // namespace skald::query
