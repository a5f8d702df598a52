#include "server/config/load.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "server/config/document.h"
#include "server/config/expand_env.h"
#include "server/config/key_table.h"
#include "storage/base/units.h"

namespace skald::config {
namespace {

// Loki's bursts, which hold where only a rate is set.
constexpr double kIngestionBurst = 6 * 1_MiB;
constexpr double kPerStreamBurst = 15 * 1_MiB;

constexpr std::string_view kFailed = "failed parsing config";
constexpr std::string_view kExpandHint =
    ". Use `-config.expand-env=true` flag if you want to expand environment variables in your "
    "config file";

void CompleteLimits(ingest::IngestLimits* limits) {
  if (limits->ingestion_rate > 0 && limits->ingestion_burst == 0) {
    limits->ingestion_burst = kIngestionBurst;
  }
  if (limits->per_stream_rate > 0 && limits->per_stream_burst == 0) {
    limits->per_stream_burst = kPerStreamBurst;
  }
}

// The folder that a path lies in.
std::string Parent(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string DataDirectory(const Config& config) {
  if (!config.skald.data_dir.empty()) return config.skald.data_dir;
  std::string base = config.path_prefix;
  if (base.empty() && !config.filesystem_directory.empty()) {
    base = Parent(config.filesystem_directory);
  }
  if (base.empty() && !config.chunks_directory.empty()) base = Parent(config.chunks_directory);
  if (base.empty()) base = ".";
  return StrCat(base, base.ends_with('/') ? "" : "/", "skald");
}

// A document without content changes nothing.
Status ReadDocument(const std::string& text, Config* config) {
  ASSIGN_OR_RETURN(const YamlNode document, ReadYaml(text));
  if (document.Tag() == "!!null") return absl::OkStatus();
  DocumentNotes notes;
  ReadSection(document, "", config, &notes);
  config->without_effect = std::move(notes.without_effect);
  return DocumentStatus(notes);
}

Status ReadFile(const CommandLine& line, FileSystem* files, const Environment& environment,
                Config* config) {
  const auto found = std::find_if(line.config_files.begin(), line.config_files.end(),
                                  [&](const std::string& file) { return files->FileExists(file); });
  if (found == line.config_files.end()) {
    return InvalidArgument(StrCat(absl::StrJoin(line.config_files, ","),
                                  " does not exist, set config.file for custom config path"));
  }
  ASSIGN_OR_RETURN(std::string text, ReadWholeFile(files, *found));
  if (line.expand_env) {
    ASSIGN_OR_RETURN(text, ExpandEnvironment(text, environment));
  }
  const Status read = ReadDocument(text, config);
  if (read.ok()) return read;
  return InvalidArgument(
      StrCat(*found, ": ", Message(read), line.expand_env ? std::string_view() : kExpandHint));
}

// One file of `runtime_config.file`.
class OverridesReader {
 public:
  OverridesReader(const Config& config, TenantOverrides* overrides)
      : config_(config), overrides_(overrides) {}

  Status Read(const std::string& text) {
    ASSIGN_OR_RETURN(const YamlNode document, ReadYaml(text));
    if (document.Tag() == "!!null") return absl::OkStatus();
    if (document.kind != YamlNode::Kind::kMap) return CannotUnmarshal(document, "runtime_config");
    for (const auto& [name, node] : document.members) {
      if (name == "overrides") {
        ReadTenants(node);
      } else if (name != "configs" && name != "multi_kv_config") {
        notes_.errors.push_back(
            StrCat("line ", node.line, ": field ", name, " not found in type runtime_config"));
      }
    }
    return DocumentStatus(notes_);
  }

 private:
  void ReadTenants(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kMap && node.Tag() != "!!null") {
      notes_.errors.push_back(
          StrCat("line ", node.line, ": ", Message(CannotUnmarshal(node, "overrides"))));
    }
    for (const auto& [tenant, limits] : node.members) {
      Config config;
      config.limits = config_.limits;
      if (limits.Tag() != "!!null") ReadSection(limits, kLimitsSection, &config, &notes_);
      CompleteLimits(&config.limits.ingest);
      (*overrides_)[tenant] = std::move(config.limits);
    }
  }

  const Config& config_;
  TenantOverrides* const overrides_;
  DocumentNotes notes_;
};

}  // namespace

Environment ProcessEnvironment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

StatusOr<Config> LoadConfig(const CommandLine& command_line, FileSystem* files,
                            const Environment& environment) {
  Config config;
  const Status read = ReadFile(command_line, files, environment, &config);
  if (!read.ok()) return InvalidArgument(StrCat(kFailed, ": ", Message(read)));
  for (const auto& [flag, value] : command_line.settings) {
    const Key* key = FindFlag(flag);
    if (key == nullptr) return Internal(StrCat("no such flag: ", flag));
    RETURN_IF_ERROR(SetKey(*key, value, &config));
  }
  for (const std::string& flag : command_line.without_effect) {
    config.without_effect.push_back(StrCat("-", flag));
  }
  CompleteLimits(&config.limits.ingest);
  config.skald.data_dir = DataDirectory(config);
  return config;
}

StatusOr<TenantOverrides> LoadOverrides(const Config& config, FileSystem* files) {
  TenantOverrides overrides;
  const std::vector<std::string> paths =
      absl::StrSplit(config.runtime_config_file, ',', absl::SkipWhitespace());
  for (const std::string& path : paths) {
    StatusOr<std::string> text = ReadWholeFile(files, path);
    const Status read = text.ok() ? OverridesReader(config, &overrides).Read(*text) : text.status();
    if (!read.ok())
      return InvalidArgument(StrCat("failed parsing config: ", path, ": ", Message(read)));
  }
  RETURN_IF_ERROR(ValidateOverrides(overrides));
  return overrides;
}

}  // namespace skald::config
