// The expression of a `| regexp` stage.
#pragma once

#include <string_view>

#include "storage/base/status.h"

namespace skald::query {

// Checks that `pattern` compiles and names its captures as the stage needs: at least one, and no
// two alike. Errors carry Loki's text: "at least one named capture must be supplied".
Status CheckRegexpPattern(std::string_view pattern);

}  // namespace skald::query
