// Exact decimal arithmetic on floats, so that 0.1 + 0.2 is 0.3.
#pragma once

#include <span>

#include "storage/base/status.h"

namespace skald {

enum class DecimalOperation { kAdd, kSubtract, kMultiply, kDivide };

// Takes each number as the shortest decimal that reads back as it, combines them from left to
// right and returns the float nearest to the result. A quotient is rounded to 16 decimals, halves
// away from zero. InvalidArgument for a division by zero, a number that is not finite, or results
// of more than some thousand digits.
StatusOr<double> CombineDecimals(DecimalOperation operation, double first,
                                 std::span<const double> rest);

}  // namespace skald
