// Prints metric results: the result array as JSON, indented by two spaces, without a newline at
// the end.
#pragma once

#include <string>

#include "tools/cli/response.h"

namespace skald::cli {

// REQUIRES: the response does not hold streams.
std::string MetricJson(const QueryResponse& response);

}  // namespace skald::cli
