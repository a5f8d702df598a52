// What a query cost: the numbers behind the `stats` object of an answer.
#pragma once

#include <cstdint>

#include "storage/reader.h"

namespace skald::query {

struct QueryStats {
  storage::ScanStats scan;
  uint64_t streams = 0;               // selected
  uint64_t units = 0;                 // scan units selected
  uint64_t units_opened = 0;          // of them, opened
  uint64_t rows_processed = 0;        // rows looked at
  uint64_t line_bytes_processed = 0;  // text of those whose line was looked at
  uint64_t rows_matched = 0;          // rows that passed the pipeline
  uint64_t entries_returned = 0;      // log entries or samples in the answer
  uint64_t subqueries = 0;            // selectors evaluated
  bool used_metadata = false;         // structured metadata was read
  int64_t exec_nanos = 0;             // wall time within the engine

  void Add(const QueryStats& other);
};

}  // namespace skald::query
