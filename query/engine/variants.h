// variants(…) of (…): several aggregations over one selector and pipeline.
#pragma once

#include <cstddef>
#include <vector>

#include "query/engine/step_values.h"
#include "query/syntax/ast.h"
#include "storage/base/arena.h"
#include "storage/base/status.h"

namespace skald::query {

// The variants as stand-alone expressions over the common selector and pipeline. A variant that is
// a range aggregation keeps only its window, unwrap and grouping; one around it adds its own
// pipeline. Internal (500) with Loki's text for any other expression.
StatusOr<std::vector<MetricExprPtr>> ExpandVariants(const VariantsExpr& expr);

// Adds the label __variant__ with the variant's number.
void LabelVariant(size_t number, Arena* arena, std::vector<Series>* series);

}  // namespace skald::query
