#include "query/syntax/parser.h"

#include <utility>

#include "query/syntax/grammar.h"
#include "query/syntax/parse_error.h"
#include "query/syntax/validate.h"
#include "storage/base/strings.h"
#include "storage/model/regex_allowance.h"

namespace skald::query {
namespace {

StatusOr<Expression> ParseText(std::string_view text) {
  if (text.size() >= kMaxQueryBytes) {
    return ParseError(StrCat("input size too long (", text.size(), " > ", kMaxQueryBytes, ")"));
  }
  const RegexAllowance allowance;
  ASSIGN_OR_RETURN(Expression expression, Parser(text).ParseAll());
  if (!expression.error.ok()) return ParseError(Message(expression.error));
  return expression;
}

}  // namespace

StatusOr<Query> ParseQuery(std::string_view text) {
  ASSIGN_OR_RETURN(Expression expression, ParseText(text));
  Query query{std::move(expression.node)};
  const LogExpr* log = query.log();
  const Status selective = log != nullptr ? CheckSelectors(*log) : CheckSelectors(*query.metric());
  if (!selective.ok()) return ParseError(Message(selective));
  return query;
}

StatusOr<std::vector<Matcher>> ParseMatchers(std::string_view text, EmptySelector empty) {
  ASSIGN_OR_RETURN(Expression expression, ParseText(text));
  LogExpr* log = std::get_if<LogExpr>(&expression.node);
  if (log == nullptr || !log->stages.empty()) {
    return InvalidArgument("only label matchers are supported");
  }
  const bool everything = log->matchers.empty() && empty == EmptySelector::kAllowed;
  const Status selective = CheckSelectors(*log);
  if (!everything && !selective.ok()) return ParseError(Message(selective));
  return std::move(log->matchers);
}

}  // namespace skald::query
