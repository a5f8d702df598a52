// The checks that Loki makes on expressions whose syntax is right, with its texts (without the
// prefix "parse error : ").
#pragma once

#include <optional>
#include <string_view>

#include "query/syntax/ast.h"
#include "storage/base/status.h"

namespace skald::query {

// Reads the parameter of a range function into `aggregation`, and checks parameter, grouping and
// unwrap. `parameter` is the number as written, if there is one.
Status CompleteRangeAggregation(std::optional<std::string_view> parameter,
                                RangeAggregation* aggregation);

// The same for a vector operator: parameter and grouping.
Status CompleteVectorAggregation(std::optional<std::string_view> parameter,
                                 VectorAggregation* aggregation);

Status CheckLabelReplace(const LabelReplaceExpr& expr);

// Checks that every selector has a matcher that an absent label does not satisfy. Selectors inside
// variants are exempt: their data is what `of` selects.
Status CheckSelectors(const LogExpr& log);
Status CheckSelectors(const MetricExpr& expr);

}  // namespace skald::query
