// Discovers the label service_name of a stream that was pushed without one.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skald::ingest {

inline constexpr std::string_view kServiceName = "service_name";

// The value to add to these labels: the first non-empty one among `candidates`, else
// `unknown_service`. None if discovery is off (no candidates), the stream has a service_name, or it
// is one that Loki wrote itself (__aggregated_metric__, __pattern__).
std::optional<std::string_view> DiscoverServiceName(
    std::span<const std::pair<std::string, std::string>> labels,
    const std::vector<std::string>& candidates);

}  // namespace skald::ingest
