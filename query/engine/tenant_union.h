// Several tenants read as one: their streams side by side, told apart by the label `__tenant_id__`.
//
// A stream's own label of that name becomes `original___tenant_id__`. Matchers on `__tenant_id__`
// choose tenants; those that are not chosen are not looked at.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/reader.h"

namespace skald::query {

// Between the ids of tenants that are asked together; part of no id.
inline constexpr char kTenantSeparator = '|';

// The ids in such a list.
std::vector<std::string_view> SplitTenants(std::string_view tenants);

// Reads one tenant as it is, and `a|b` as the union of a and b. Threads: thread-safe.
class UnionReader final : public storage::Reader {
 public:
  // `reader` must outlive this and its snapshots.
  explicit UnionReader(storage::Reader* reader) : reader_(reader) {}

  std::shared_ptr<const storage::Snapshot> GetSnapshot(std::string_view tenants) override;

 private:
  storage::Reader* const reader_;
};

}  // namespace skald::query
