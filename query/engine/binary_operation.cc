#include "query/engine/binary_operation.h"

#include <optional>

#include "query/engine/vector_matching.h"
#include "query/syntax/operators.h"

namespace skald::query {

void ApplyScalar(const BinaryExpr& expr, double scalar, bool scalar_left,
                 std::vector<Series>* vector) {
  const bool filters = IsComparison(expr.op) && !expr.return_bool;
  for (Series& series : *vector) {
    series.values.ForEach([&](size_t step, double value) {
      const double result = scalar_left ? EvaluateScalars(expr.op, scalar, value)
                                        : EvaluateScalars(expr.op, value, scalar);
      if (!filters) {
        series.values.Set(step, result);
      } else if (result == 0) {
        series.values.Remove(step);
      }
    });
  }
  std::erase_if(*vector, [](const Series& series) { return series.values.empty(); });
}

StatusOr<std::vector<Series>> CombineVectors(const BinaryExpr& expr, std::vector<Series> left,
                                             std::vector<Series> right, size_t steps, Arena* arena,
                                             MemoryCharge* charge, const StopToken* stop) {
  const VectorMatching matching = expr.matching.value_or(VectorMatching{});
  if (IsSetOp(expr.op)) {
    return CombineSets(expr.op, matching, std::move(left), std::move(right), steps);
  }
  VectorMatcher matcher(matching, steps, arena, charge, stop);
  const bool filters = IsComparison(expr.op) && !expr.return_bool;
  return matcher.Combine(left, right, [&](double a, double b) -> std::optional<double> {
    const double result = EvaluateScalars(expr.op, a, b);
    if (!filters) return result;
    return result == 0 ? std::nullopt : std::optional<double>(a);
  });
}

}  // namespace skald::query
