#include "query/template/number_literal.h"

#include <optional>

#include "query/template/go_integer.h"
#include "query/template/go_unquote.h"
#include "storage/base/go_number.h"
#include "storage/base/go_quote.h"

namespace skald::query {
namespace {

constexpr double kIntLimit = 9223372036854775808.0;

void SetInt(NumberNode* node, int64_t value) {
  node->is_int = node->is_float = true;
  node->int_value = value;
  node->float_value = static_cast<double>(value);
}

bool IsHexInteger(std::string_view text) {
  return text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') &&
         text.find_first_of("pP") == std::string_view::npos;
}

}  // namespace

StatusOr<std::unique_ptr<NumberNode>> ParseNumberLiteral(size_t position, std::string_view text) {
  auto node = std::make_unique<NumberNode>(position, text);
  if (text[0] == '\'') {
    std::string_view tail;
    const std::optional<char32_t> rune = GoUnquoteRune(text, &tail);
    if (!rune) return InvalidArgument("invalid syntax");
    if (tail != "'") return InvalidArgument(StrCat("malformed character constant: ", text));
    SetInt(node.get(), static_cast<int64_t>(*rune));
    return node;
  }
  const bool looks_float = text.find_first_of(".eEpP") != std::string_view::npos;
  node->prefers_float = looks_float && !IsHexInteger(text);
  if (const std::optional<int64_t> integer = ParseGoIntLiteral(text)) {
    SetInt(node.get(), *integer);
    return node;
  }
  double value = 0;
  if (!TryParseGoFloat(text, &value) || text.find_first_of("nN") != std::string_view::npos) {
    return InvalidArgument(StrCat("illegal number syntax: ", GoQuote(text)));
  }
  if (!looks_float) return InvalidArgument(StrCat("integer overflow: ", GoQuote(text)));
  node->is_float = true;
  node->float_value = value;
  if (value >= -kIntLimit && value < kIntLimit &&
      static_cast<double>(static_cast<int64_t>(value)) == value) {
    node->is_int = true;
    node->int_value = static_cast<int64_t>(value);
  }
  return node;
}

}  // namespace skald::query
