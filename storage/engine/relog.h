// Tenants with too few rows for a part of their own: when a memtable leaves memory their rows are
// logged again, beyond the segments that are to go, and carried on in a memtable of their own.
//
// A busy tenant fills a memtable every few seconds; without this, each of a thousand quiet ones
// would get a file and a sync as often.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "storage/base/status.h"
#include "storage/memtable/memtable.h"
#include "storage/model/ids.h"

namespace skald::storage {

struct CarryLimits {
  uint64_t tenant_bytes = 0;  // a tenant with as many becomes a part; 0: all do
  uint64_t total_bytes = 0;   // of all carried tenants
  int64_t age_nanos = 0;      // a tenant whose first row is as old becomes a part
};

// What becomes of the tenants of memtables that leave memory.
struct FlushSplit {
  std::vector<TenantId> to_parts;
  std::vector<TenantId> to_carry;
};

// Splits the tenants of `memtables` (in order of arrival; frozen). When those to be carried are too
// many, the largest become parts.
FlushSplit SplitTenants(const std::vector<const Memtable*>& memtables, const CarryLimits& limits,
                        int64_t now_monotonic_nanos);

// When the first row of any of `tenants` came to memory (monotonic). REQUIRES: each has rows.
int64_t OldestSince(const std::vector<const Memtable*>& memtables,
                    const std::vector<TenantId>& tenants);

// Hands the payload of every record that logs `tenants` again to `append` and copies their rows
// into `carried`. On error what was appended does no harm: it repeats rows.
Status CarryTenants(const std::vector<const Memtable*>& memtables,
                    const std::vector<TenantId>& tenants, int64_t receive_time,
                    absl::FunctionRef<Status(std::string_view payload)> append, Memtable* carried);

}  // namespace skald::storage
