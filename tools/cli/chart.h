// Metric results drawn with block characters: what --chart shows.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "tools/cli/response.h"

namespace skald::cli {

struct ChartStyle {
  int width = 80;  // columns
  bool colored = false;
  absl::TimeZone zone;
};

// Size and colours of the terminal that standard output is; 80 columns when it is none.
ChartStyle StyleOfTerminal(absl::TimeZone zone);

// One series over time as bars, a row for each step (steps are averaged when they are many);
// several as a line of bars each; a vector as a bar for each series, the largest first. REQUIRES:
// the response does not hold streams.
std::string Chart(const QueryResponse& response, const ChartStyle& style);

}  // namespace skald::cli
