// Growth of vectors and texts that is charged to a reservation before it happens, and what of it is
// kept from push to push, uncharged.
#pragma once

#include <algorithm>
#include <cstddef>

#include "storage/base/memory_budget.h"
#include "storage/base/status.h"
#include "storage/base/units.h"

namespace skald::ingest {

// Bytes that a buffer may keep.
inline constexpr size_t kKeptBytes = 1_MiB;

// Clears a vector or string and frees what it holds if that is more than may be kept.
template <typename Container>
void ClearOrFree(Container* values) {
  values->clear();
  if (values->capacity() * sizeof(typename Container::value_type) > kKeptBytes) {
    values->shrink_to_fit();
  }
}

// Makes room in a vector or string for `wanted` elements in all, at least doubling it. All of the
// new room is charged to `memory`, the old one stays so: that pays for both while elements move,
// and later for half as much again, such as std::stable_sort takes.
template <typename Container>
Status ReserveCharged(size_t wanted, Reservation* memory, Container* values) {
  if (wanted <= values->capacity()) return absl::OkStatus();
  const size_t capacity = std::max<size_t>({wanted, values->capacity() * 2, 64});
  RETURN_IF_ERROR(memory->Grow(capacity * sizeof(typename Container::value_type)));
  values->reserve(capacity);
  return absl::OkStatus();
}

// Appends an element.
template <typename Container>
Status AppendCharged(const typename Container::value_type& value, Reservation* memory,
                     Container* values) {
  RETURN_IF_ERROR(ReserveCharged(values->size() + 1, memory, values));
  values->push_back(value);
  return absl::OkStatus();
}

}  // namespace skald::ingest
