#include <iostream>
#include <iterator>

#include "query/syntax/parser.h"
#include "query/syntax/printer.h"
#include "tools/cli/commands.h"
#include "tools/cli/output.h"
#include "tools/cli/syntax_caret.h"

namespace skald::cli {

Status RunFormat(const Options&) {
  std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  auto query = query::ParseQuery(text);
  if (!query.ok()) {
    ShowSyntaxCaret(text, Message(query.status()));
    return Annotate(query.status(), "unable to format logql: failed to parse the query");
  }
  return StandardOutput().Write(StrCat(query::PrettyPrint(*query), "\n"));
}

}  // namespace skald::cli
