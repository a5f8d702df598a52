// Binary operations between numbers and vectors, with Loki's matching rules (not Prometheus': x / 0
// is NaN, a comparison on a vector keeps the vector's value on either side).
#pragma once

#include <vector>

#include "query/engine/step_values.h"
#include "query/syntax/ast.h"
#include "storage/base/arena.h"
#include "storage/base/memory_charge.h"
#include "storage/base/status.h"
#include "storage/base/stop.h"

namespace skald::query {

// Applies `op` between every value of a vector and a number, which stands left if `scalar_left`.
void ApplyScalar(const BinaryExpr& expr, double scalar, bool scalar_left,
                 std::vector<Series>* vector);

// Combines two vectors step by step. Internal (500) with Loki's text when a step's series cannot be
// matched one to one. New labels are copied to `arena`. `stop` may be null.
StatusOr<std::vector<Series>> CombineVectors(const BinaryExpr& expr, std::vector<Series> left,
                                             std::vector<Series> right, size_t steps, Arena* arena,
                                             MemoryCharge* charge, const StopToken* stop);

}  // namespace skald::query
