#include "ingest/service_name.h"

namespace skald::ingest {
namespace {

std::string_view ValueOf(std::span<const std::pair<std::string, std::string>> labels,
                         std::string_view name) {
  for (const auto& [key, value] : labels) {
    if (key == name && !value.empty()) return value;
  }
  return {};
}

}  // namespace

std::optional<std::string_view> DiscoverServiceName(
    std::span<const std::pair<std::string, std::string>> labels,
    const std::vector<std::string>& candidates) {
  if (candidates.empty()) return std::nullopt;
  for (std::string_view present :
       {kServiceName, std::string_view("__aggregated_metric__"), std::string_view("__pattern__")}) {
    if (!ValueOf(labels, present).empty()) return std::nullopt;
  }
  for (const std::string& candidate : candidates) {
    const std::string_view value = ValueOf(labels, candidate);
    if (!value.empty()) return value;
  }
  return "unknown_service";
}

}  // namespace skald::ingest
