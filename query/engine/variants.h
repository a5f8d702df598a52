// variants(…) of (…): several aggregations over one selector and pipeline.
#pragma once

#include <cstddef>
#include <vector>

#include "query/engine/step_values.h"
#include "query/syntax/ast.h"
#include "storage/base/arena.h"
#include "storage/base/memory_charge.h"
#include "storage/base/status.h"

namespace skald::query {

// A variant as a stand-alone expression over the common selector and pipeline `of`. One that is a
// range aggregation keeps only its window, unwrap and grouping; one around it adds its own
// pipeline. Internal (500) with Loki's text for any other expression.
StatusOr<MetricExprPtr> ExpandVariant(const MetricExpr& variant, const LogExpr& of);

// Adds the label __variant__ with the variant's number. What the labels take in `arena` is charged
// to `charge`.
Status LabelVariant(size_t number, Arena* arena, MemoryCharge* charge, std::vector<Series>* series);

}  // namespace skald::query
