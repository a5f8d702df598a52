// What merges of one tenant's parts leave out: rows that expired long enough ago, and rows hidden
// by delete requests that can no longer be cancelled.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "storage/base/stop.h"
#include "storage/cache/page_cache.h"
#include "storage/compact/row_sieve.h"
#include "storage/retention.h"
#include "storage/select/active_delete.h"
#include "storage/select/deleted_rows.h"

namespace skald::storage {

// Threads: externally synchronised.
class TenantSieve final : public RowSieve {
 public:
  // Rows before `cuts` are left out, and those that `due` means. `stop` ends the search for them;
  // it may be null.
  TenantSieve(RetentionCuts cuts, DeleteList due, PageCache* cache, const StopToken* stop)
      : cuts_(std::move(cuts)), due_(std::move(due)), cache_(cache), stop_(stop) {}

  int64_t CutOf(const LabelSet& labels) const override { return cuts_.CutOf(labels); }
  uint32_t ClassOf(const LabelSet& labels) const override { return cuts_.ClassOf(labels); }
  StatusOr<std::vector<uint32_t>> DroppedRows(const std::shared_ptr<const Part>& part,
                                              size_t block) override;

 private:
  const RetentionCuts cuts_;
  const DeleteList due_;
  PageCache* const cache_;
  const StopToken* const stop_;
  absl::flat_hash_map<const Part*, std::unique_ptr<HiddenRows>> deleted_;  // found so far
};

}  // namespace skald::storage
