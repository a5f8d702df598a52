// Parses the label text that agents push: a Prometheus metric selector of equality matchers,
// `{a="b", c="d"}`, with Go string escapes, backquotes, quoted UTF-8 names, a trailing comma and a
// metric name (`foo{a="b"}` sets __name__) allowed.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/base/status.h"

namespace skald {

// The labels in the order written, duplicates and empty values kept (validation wants to see them).
// InvalidArgument carries Prometheus' text, such as
// `1:4: parse error: unexpected character inside braces: '.'`.
StatusOr<std::vector<std::pair<std::string, std::string>>> ParseLabelText(std::string_view text);

}  // namespace skald
