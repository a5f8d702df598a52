// From files and flags to a Config.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "server/config/command_line.h"
#include "server/config/config.h"
#include "storage/base/file_system.h"
#include "storage/base/status.h"

namespace skald::config {

// The value of an environment variable; nothing when it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

// The process' own environment.
Environment ProcessEnvironment();

// Reads the configuration file and lays the flags over it. InvalidArgument with the whole text to
// print: `failed parsing config: <file>: yaml: unmarshal errors:\n  line 9: field X not found …`.
// The result is not yet validated (ValidateConfig).
StatusOr<Config> LoadConfig(const CommandLine& command_line,
                            FileSystem* files = FileSystem::Posix(),
                            const Environment& environment = ProcessEnvironment());

// Reads `config.runtime_config_file`; empty without one. A tenant's limits start from
// `config.limits`. Errors as LoadConfig's.
StatusOr<TenantOverrides> LoadOverrides(const Config& config,
                                        FileSystem* files = FileSystem::Posix());

}  // namespace skald::config
