// A query over a range of time: pages of entries until the limit, or one metric result.
#pragma once

#include "tools/cli/download_progress.h"
#include "tools/cli/entry_printer.h"
#include "tools/cli/loki_client.h"
#include "tools/cli/time_text.h"

namespace skald::cli {

// Threads: externally synchronised; a parallel download has one per worker.
class RangeQuery {
 public:
  // `options` and `progress` must outlive the query.
  RangeQuery(const Options& options, DownloadProgress* progress)
      : options_(options), client_(options), progress_(progress) {}

  // Prints at most `limit` entries of `span` (0: all) to `output`, and metrics to standard output.
  //
  // Entries come in pages. A page begins at the time at which the one before it ended, for there
  // may be more entries of that time; those that were already printed are left out. A page that
  // brings nothing new is the last.
  Status Run(TimeSpan span, int64_t limit, Output* output);

 private:
  StatusOr<QueryResponse> FetchPage(const TimeSpan& span, int64_t limit);

  const Options& options_;
  LokiClient client_;
  DownloadProgress* const progress_;
};

// Prints a metric result, as JSON or as a chart, and the statistics or an explanation if they are
// wanted.
Status PrintMetrics(const Options& options, const QueryResponse& response);
void PrintStatistics(const Options& options, const QueryResponse& response);

}  // namespace skald::cli
