// Matching of two vectors' series by their labels: on(…), ignoring(…), group_left, group_right.
#pragma once

#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "query/engine/label_groups.h"
#include "query/engine/step_values.h"
#include "query/syntax/ast.h"
#include "storage/base/arena.h"
#include "storage/base/memory_charge.h"
#include "storage/base/status.h"
#include "storage/base/stop_pacer.h"

namespace skald::query {

// Arithmetic and comparisons between the matched series of two vectors.
// Threads: externally synchronised. One use.
class VectorMatcher {
 public:
  // The result of a matched pair, left operand first; nothing: no sample.
  using Function = absl::FunctionRef<std::optional<double>(double, double)>;

  VectorMatcher(const VectorMatching& matching, size_t steps, Arena* arena, MemoryCharge* charge,
                const StopToken* stop);

  StatusOr<std::vector<Series>> Combine(const std::vector<Series>& left,
                                        const std::vector<Series>& right, Function function);

 private:
  // A series of the "one" side has at most one sample per key and step; any number of series of the
  // "many" side may match it. One-to-one matching takes the left for "many".
  struct Sides {
    const std::vector<Series>& many;
    const std::vector<Series>& one;
    std::vector<uint32_t> many_keys;
    std::vector<uint32_t> one_keys;
  };
  Status IndexOneSide(const Sides& sides, size_t step);
  Status CombineStep(const Sides& sides, size_t step, Function function);
  // The output series of a matched pair.
  StatusOr<uint32_t> OutputOf(uint32_t many, uint32_t one, const Sides& sides);
  std::vector<LabelView> ResultLabels(std::span<const LabelView> many,
                                      std::span<const LabelView> one) const;
  bool IsMatchingLabel(std::string_view name) const;

  const VectorMatching& matching_;
  const bool swapped_;  // the "one" side is the left one
  const size_t steps_;
  Arena* const arena_;
  MemoryCharge* const charge_;
  StopPacer pacer_;
  LabelGroups keys_;
  SeriesTable outputs_;
  std::vector<Series> result_;
  // Per key, within the current step: the "one" side's series, and the step at which a one-to-one
  // match was last made.
  std::vector<uint32_t> one_of_key_;
  std::vector<size_t> matched_at_;
  std::vector<size_t> written_at_;  // per output
  absl::flat_hash_map<uint64_t, uint32_t> output_of_pair_;
};

// and, or, unless: keeps series of the left side (`or`: of the right side too) at each step by
// whether the other side has their key.
std::vector<Series> CombineSets(BinaryOp op, const VectorMatching& matching,
                                std::vector<Series> left, std::vector<Series> right, size_t steps);

}  // namespace skald::query
