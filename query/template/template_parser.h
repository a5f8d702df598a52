// Parses the text of a template; see Go's text/template for the language.
#pragma once

#include <memory>
#include <string_view>

#include "query/template/template_ast.h"
#include "storage/base/status.h"

namespace skald::query {

// InvalidArgument with Go's text: `template: line:1: unclosed action`, where `name` is "line".
StatusOr<std::unique_ptr<const TemplateTrees>> ParseTemplate(std::string_view name,
                                                             std::string_view text);

}  // namespace skald::query
