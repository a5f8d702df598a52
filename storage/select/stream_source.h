// Where a selected stream has rows: a part or a memtable.
#pragma once

#include <cstddef>
#include <cstdint>

#include "storage/memtable/memtable.h"

namespace skald::storage {

// A value; borrows the memtable.
struct StreamSource {
  size_t arrival;  // of its part or memtable
  int64_t min_time;
  int64_t max_time;
  uint32_t ordinal;           // of the stream in its part
  const MemStream* memtable;  // null: a part
  uint32_t mem_rows;          // of the memtable's stream; later ones are not looked at
};

}  // namespace skald::storage
