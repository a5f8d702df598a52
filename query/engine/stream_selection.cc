#include "query/engine/stream_selection.h"

#include <algorithm>
#include <string_view>

#include "storage/base/byte_size.h"

namespace skald::query {
namespace {

Status CheckBytes(std::string_view what, uint64_t bytes, uint64_t limit) {
  if (limit == 0 || bytes <= limit) return absl::OkStatus();
  return InvalidArgument(StrCat(
      what, " (query: ", FormatHumanizedBytes(bytes), ", limit: ", FormatHumanizedBytes(limit),
      "); consider adding more specific stream selectors or reduce the time range of the "
      "query"));
}

// The hours that a range spans until `now`, rounded up; at least one.
uint64_t HoursOf(TimeRange range, int64_t now) {
  const int64_t end = std::max(range.begin, std::min(range.end, now));
  const uint64_t length = static_cast<uint64_t>(end) - static_cast<uint64_t>(range.begin);
  return std::max<uint64_t>((length + kHour - 1) / kHour, 1);
}

Status CheckBytesRead(uint64_t bytes, uint64_t hours, const QueryLimits& limits) {
  RETURN_IF_ERROR(
      CheckBytes("the query would read too many bytes", bytes, limits.max_query_bytes_read));
  return CheckBytes("shard query is too large to execute on a single querier:", bytes / hours,
                    limits.max_querier_bytes_read);
}

}  // namespace

StatusOr<std::unique_ptr<storage::Selection>> SelectStreams(std::span<const Matcher> matchers,
                                                            TimeRange range,
                                                            QueryContext* context) {
  ASSIGN_OR_RETURN(std::unique_ptr<storage::Selection> selection,
                   context->snapshot->Select(matchers, range, context->stop, context->budget));
  uint64_t bytes = 0;
  for (const storage::ScanUnit& unit : selection->units()) bytes += unit.line_bytes;
  RETURN_IF_ERROR(CheckBytesRead(bytes, HoursOf(range, context->now), *context->limits));
  context->stats.scan.Add(selection->stats());
  context->stats.streams += selection->streams().size();
  context->stats.units += selection->units().size();
  ++context->stats.subqueries;
  return selection;
}

}  // namespace skald::query
