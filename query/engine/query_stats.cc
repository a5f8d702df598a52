#include "query/engine/query_stats.h"

namespace skald::query {

void QueryStats::Add(const QueryStats& other) {
  scan.Add(other.scan);
  streams += other.streams;
  units += other.units;
  units_opened += other.units_opened;
  rows_processed += other.rows_processed;
  line_bytes_processed += other.line_bytes_processed;
  rows_matched += other.rows_matched;
  entries_returned += other.entries_returned;
  subqueries += other.subqueries;
  used_metadata = used_metadata || other.used_metadata;
  exec_nanos += other.exec_nanos;
}

}  // namespace skald::query
