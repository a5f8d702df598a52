#include "server/config/reload.h"

#include <algorithm>

#include "server/config/key_table.h"
#include "storage/base/check.h"

namespace skald::config {
namespace {

constexpr std::string_view kSections[] = {"limits_config.", "runtime_config."};
constexpr std::string_view kKeys[] = {
    "server.log_level",
    "server.log_format",
    "skald.max_query_memory",
    "distributor.otlp_config.default_resource_attributes_as_index_labels",
    "frontend.log_queries_longer_than",
    "compactor.retention_enabled",
    "tenant_limits_allow_publish"};

}  // namespace

bool TakesEffectOnReload(const Key& key) {
  if (key.status != KeyStatus::kHonoured) return false;
  return std::any_of(std::begin(kSections), std::end(kSections),
                     [&](std::string_view section) { return key.path.starts_with(section); }) ||
         std::find(std::begin(kKeys), std::end(kKeys), key.path) != std::end(kKeys);
}

Config Reloaded(const Config& running, const Config& fresh, ConfigChanges* changes) {
  Config result = running;
  for (const Key* key : AllKeys()) {
    if (key->status != KeyStatus::kHonoured) continue;
    const YamlNode value = WriteKey(*key, fresh);
    if (WriteJson(value) == WriteJson(WriteKey(*key, running))) continue;
    if (!TakesEffectOnReload(*key)) {
      changes->need_restart.emplace_back(key->path);
      continue;
    }
    // What the table writes, it reads.
    SKALD_CHECK(ReadKey(*key, value, &result).ok());
    changes->taken.emplace_back(key->path);
  }
  return result;
}

}  // namespace skald::config
