// What a parsed template reads of a row.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/template/template_ast.h"

namespace skald::query {

struct TemplateUse {
  // Labels by name, sorted; nullopt when the template may read them all.
  std::optional<std::vector<std::string>> fields;
  bool line = false;
};

// Errs on the side of more: parts that never run count as well.
TemplateUse AnalyseTemplate(const TemplateTrees& trees);

}  // namespace skald::query
