// Downloads a long range in jobs, several at a time, each to a file of its own if so wished. A
// download that was broken off goes on where it stopped: parts that are complete stay.
#pragma once

#include <vector>

#include "storage/base/status.h"
#include "tools/cli/options.h"
#include "tools/cli/time_text.h"

namespace skald::cli {

Status DownloadInParallel(const Options& options, const TimeSpan& span);

// The range cut into pieces of `length`, in the order of the download: forward from its start, else
// backward from its end. The last piece is what remains. REQUIRES: length > 0.
std::vector<TimeSpan> CutIntoJobs(const TimeSpan& span, std::chrono::nanoseconds length,
                                  bool forward);

}  // namespace skald::cli
