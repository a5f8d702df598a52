// Asks which streams there are, and makes selectors of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/cli/loki_client.h"
#include "tools/cli/response.h"
#include "tools/cli/time_text.h"

namespace skald::cli {

// The label sets of the streams that `selector` matches (`{}`: all) and that have entries in
// `span`.
StatusOr<std::vector<Labels>> FetchSeries(std::string_view selector, const TimeSpan& span,
                                          LokiClient* client);

// Selectors that exclude each other and together match all of `streams`: each asks for a label that
// the earlier ones lack, beginning with the label that most streams have.
std::vector<std::string> CoveringSelectors(std::vector<Labels> streams);

}  // namespace skald::cli
