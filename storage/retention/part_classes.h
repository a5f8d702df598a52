// The retention classes that the streams of parts are of under the rules in force.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "storage/base/status.h"
#include "storage/cache/page_cache.h"
#include "storage/part/part.h"
#include "storage/retention.h"

namespace skald::storage {

// What a part says of itself need not hold any more when rules have changed. Answers are remembered
// in the page cache.
// Threads: externally synchronised.
class PartClasses {
 public:
  explicit PartClasses(PageCache* cache) : cache_(cache) {}

  // The rules in force from now on; null: nothing expires.
  void Use(std::shared_ptr<const RetentionPolicy> policy);

  // The class of all the part's streams; nullopt: they are of several. `cuts` is made of the policy
  // in use, for the part's tenant.
  StatusOr<std::optional<uint32_t>> ClassOf(const Part& part, const RetentionCuts& cuts);

 private:
  PageCache* const cache_;
  std::shared_ptr<const RetentionPolicy> policy_;
  uint64_t policies_ = 0;  // used so far
};

}  // namespace skald::storage
