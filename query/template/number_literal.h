// Number and character constants of templates.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "query/template/template_ast.h"
#include "storage/base/status.h"

namespace skald::query {

// InvalidArgument with Go's reason: `illegal number syntax: "08"`. Complex constants are refused.
StatusOr<std::unique_ptr<NumberNode>> ParseNumberLiteral(size_t position, std::string_view text);

}  // namespace skald::query
