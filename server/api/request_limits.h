// Limits that a request brings with it, in a header of JSON, for queries of this request alone.
#pragma once

#include <optional>
#include <string_view>

#include "server/api/context.h"

namespace skald::api {

inline constexpr std::string_view kQueryLimitsHeader = "X-Loki-Query-Limits";

// The limits that a header's value names; everything else is without limit. Nothing when it is not
// a JSON object, or when a value is of the wrong type: Loki then goes on without it. Names are
// matched whatever their case, as Go does, and unknown ones do not count.
std::optional<TenantQuerySettings> ParseRequestLimits(std::string_view json);

}  // namespace skald::api
