// What a configuration that is read again changes in a server that runs.
#pragma once

#include <string>
#include <vector>

#include "server/config/config.h"
#include "server/config/key.h"

namespace skald::config {

// The paths of the keys whose values differ, in the order of the table.
struct ConfigChanges {
  std::vector<std::string> taken;         // in force from now on
  std::vector<std::string> need_restart;  // the running server keeps its value
};

// Whether a running server can take another value of the key: limits, retention, the process log,
// the runtime files. What was opened, sized or started with the value cannot.
bool TakesEffectOnReload(const Key& key);

// `running` with the settings of `fresh` that a running server can take.
Config Reloaded(const Config& running, const Config& fresh, ConfigChanges* changes);

}  // namespace skald::config
