#include "server/config/targets.h"

namespace skald::config {
namespace {

constexpr std::string_view kTargets[] = {"all",           "read",           "write",
                                         "backend",       "bloom-builder",  "bloom-gateway",
                                         "bloom-planner", "compactor",      "distributor",
                                         "index-gateway", "ingester",       "pattern-ingester",
                                         "querier",       "query-frontend", "query-scheduler",
                                         "ruler",         "table-manager"};

}  // namespace

std::span<const std::string_view> Targets() { return kTargets; }

}  // namespace skald::config
