#include "query/engine/stream_selection.h"

#include "storage/base/byte_size.h"

namespace skald::query {

StatusOr<std::unique_ptr<storage::Selection>> SelectStreams(std::span<const Matcher> matchers,
                                                            TimeRange range,
                                                            QueryContext* context) {
  ASSIGN_OR_RETURN(std::unique_ptr<storage::Selection> selection,
                   context->snapshot->Select(matchers, range, context->stop));
  uint64_t bytes = 0;
  for (const storage::ScanUnit& unit : selection->units()) bytes += unit.line_bytes;
  const uint64_t limit = context->limits->max_query_bytes_read;
  if (limit != 0 && bytes > limit) {
    return InvalidArgument(
        StrCat("the query would read too many bytes (query: ", FormatHumanizedBytes(bytes),
               ", limit: ", FormatHumanizedBytes(limit),
               "); consider adding more specific stream selectors or reduce the time range of the "
               "query"));
  }
  context->stats.scan.Add(selection->stats());
  context->stats.streams += selection->streams().size();
  context->stats.units += selection->units().size();
  ++context->stats.subqueries;
  return selection;
}

}  // namespace skald::query
