// Any template value as a number, as the functions int, float64 and the arithmetic take it.
#pragma once

#include <cstdint>

#include "query/template/template_value.h"

namespace skald::query {

// Strings as Go integer literals, a fraction cut off first; what is no number gives 0.
int64_t ToInt64(const Value& value);
double ToFloat64(const Value& value);

}  // namespace skald::query
