#include "storage/retention/part_classes.h"

#include <utility>

namespace skald::storage {
namespace {

using SharedClass = std::optional<uint32_t>;

StatusOr<SharedClass> FindClass(const Part& part, const RetentionCuts& cuts) {
  ASSIGN_OR_RETURN(const auto index, part.Index());
  OrdinalSet left = index->Match({});
  SharedClass found;
  for (const RetentionCuts::Rule& rule : cuts.rules()) {
    OrdinalSet of_rule = index->Match(rule.matchers);
    of_rule &= left;
    if (of_rule.isEmpty()) continue;
    if (found.value_or(rule.retention_class) != rule.retention_class) return SharedClass();
    found = rule.retention_class;
    left -= of_rule;
  }
  if (left.isEmpty()) return found;
  if (found.value_or(cuts.default_class()) != cuts.default_class()) return SharedClass();
  return SharedClass(cuts.default_class());
}

}  // namespace

void PartClasses::Use(std::shared_ptr<const RetentionPolicy> policy) {
  if (policy == policy_ && policies_ > 0) return;
  policy_ = std::move(policy);
  ++policies_;
}

StatusOr<std::optional<uint32_t>> PartClasses::ClassOf(const Part& part,
                                                       const RetentionCuts& cuts) {
  if (cuts.rules().empty()) return SharedClass(cuts.default_class());
  const CacheKey key{part.file_number(), policies_, CacheKind::kRetentionClass};
  if (const auto known = cache_->Find<SharedClass>(key); known != nullptr) return *known;
  ASSIGN_OR_RETURN(const SharedClass found, FindClass(part, cuts));
  cache_->Insert<SharedClass>(key, std::make_shared<const SharedClass>(found), sizeof(found));
  return found;
}

}  // namespace skald::storage
