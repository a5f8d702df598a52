// What rows will take in a memtable, known before they go into one.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "storage/base/status.h"
#include "storage/model/row.h"

namespace skald::storage {

// The bytes that Memtable::Insert takes for these rows, roughly; streams that are new aside.
uint64_t InsertSize(std::span<const StreamRows> streams);

// Calls `insert` with pieces of `streams`, which are all of their rows in the same order. No piece
// takes more than `bytes`, but for one of a single row. Stops at the first error and returns it.
Status ForEachPiece(std::span<const StreamRows> streams, uint64_t bytes,
                    absl::FunctionRef<Status(std::span<const StreamRows>)> insert);

}  // namespace skald::storage
