#include "server/api/slow_query_log.h"

#include "storage/base/duration.h"
#include "storage/base/log.h"

namespace skald::api {
namespace {

constexpr size_t kMaxQueryText = 2048;

}  // namespace

void LogIfSlow(const FinishedQuery& query, std::chrono::nanoseconds threshold) {
  if (threshold.count() == 0 || query.duration <= threshold) return;
  const query::QueryParams& params = query.params;
  static const query::QueryStats kNothing;
  const query::QueryStats& stats = query.stats != nullptr ? *query.stats : kNothing;
  // Modulo 2^64, as clients may ask from the beginning of time to its end.
  const std::chrono::nanoseconds length(static_cast<int64_t>(static_cast<uint64_t>(params.end) -
                                                             static_cast<uint64_t>(params.start)));
  SKALD_LOG(kInfo, "slow query",
            {{"org_id", params.tenant},
             {"query", query.query.substr(0, kMaxQueryText)},
             {"query_type", query.type},
             {"range_type", params.instant ? "instant" : "range"},
             {"length", FormatGoDuration(length)},
             {"step", FormatGoDuration(std::chrono::nanoseconds(params.step))},
             {"limit", params.limit},
             {"duration", FormatGoDuration(query.duration)},
             {"queue_time", FormatGoDuration(query.queued)},
             {"status", query.status},
             {"streams", stats.streams},
             {"blocks_read", stats.scan.blocks_read},
             {"blocks_skipped", stats.scan.blocks_skipped},
             {"read_bytes", stats.scan.compressed_bytes},
             {"decompressed_bytes", stats.scan.decompressed_bytes},
             {"memory_bytes", stats.scan.memtable_bytes},
             {"total_lines", stats.rows_processed},
             {"total_bytes", stats.line_bytes_processed + stats.scan.metadata_bytes},
             {"post_filter_lines", stats.rows_matched},
             {"total_entries", stats.entries_returned}});
}

}  // namespace skald::api
