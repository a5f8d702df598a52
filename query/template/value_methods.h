// Methods that templates may call on times, durations, months and weekdays.
#pragma once

#include <string_view>

#include "query/template/template_functions.h"
#include "query/template/template_value.h"

namespace skald::query {

// The method of that name, or nullptr. Its body gets the receiver as argument 0; its parameters
// (where d is a time.Duration) do not count it.
const FunctionSpec* FindMethod(ValueKind receiver, std::string_view name);

}  // namespace skald::query
