#include "tools/cli/commands.h"
#include "tools/cli/parallel_download.h"
#include "tools/cli/range_query.h"

namespace skald::cli {

Status RunQuery(const Options& options) {
  if (options.from_stdin) return RunStdinQuery(options);
  if (options.tail) return RunTail(options);
  if (!options.store_config.empty() || options.remote_schema) {
    return InvalidArgument(
        "skaldcli reads no storage of Loki's: --store-config and "
        "--remote-schema are not supported");
  }
  if (options.batch <= 0) return InvalidArgument("--batch must be positive");
  ASSIGN_OR_RETURN(TimeSpan span, SpanOf(options.range, WallClock()));
  const ParallelOptions& parallel = options.parallel;
  if (parallel.max_workers > 1 || !parallel.part_path_prefix.empty()) {
    return DownloadInParallel(options, span);
  }
  StandardOutput output;
  DownloadProgress progress(options, span);
  return RangeQuery(options, &progress).Run(span, options.limit.value_or(30), &output);
}

}  // namespace skald::cli
