// The server's process: command line and configuration.
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_split.h"
#include "server/api/context.h"
#include "server/config/command_line.h"
#include "server/config/load.h"
#include "server/health.h"
#include "server/serve.h"
#include "storage/base/log.h"

namespace skald {
namespace {

constexpr int kOk = 0;
constexpr int kFailed = 1;
constexpr int kBadUsage = 2;

int Print(std::string_view text) {
  std::cout << text << std::flush;
  return kOk;
}

int Fail(const Status& error, int code = kFailed) {
  std::cerr << Message(error) << '\n';
  return code;
}

// Line by line, the last first, so that it reads well where the newest line stands on top. Each
// line is a call site of its own, or the log would drop most.
void LogConfigReversed(const config::Config& config) {
  const std::string yaml = ConfigYaml(config, config::ConfigView::kEffective);
  const std::vector<std::string> lines = absl::StrSplit(yaml, '\n', absl::SkipEmpty());
  for (size_t i = lines.size(); i > 0; --i) {
    WriteLog(LogLevel::kInfo, "config.yaml", static_cast<int>(i), lines[i - 1]);
  }
}

StatusOr<config::Config> LoadValidConfig(const config::CommandLine& command) {
  ASSIGN_OR_RETURN(config::Config config, config::LoadConfig(command));
  RETURN_IF_ERROR(Annotate(ValidateConfig(config), "CONFIG ERROR"));
  return config;
}

int RunWithConfig(const config::CommandLine& command) {
  const auto config = config::LoadConfig(command);
  if (!config.ok()) return Fail(config.status());
  if (command.print_config) {
    std::cerr << ConfigYaml(*config, config::ConfigView::kEffective) << std::flush;
  }
  if (const Status valid = ValidateConfig(*config); !valid.ok()) {
    SKALD_LOG(kError, "validating config", {{"err", StrCat("CONFIG ERROR: ", Message(valid))}});
    return kFailed;
  }
  if (command.log_config) LogConfigReversed(*config);
  if (!command.verify) return Serve(*config, [&command] { return LoadValidConfig(command); });
  SKALD_LOG(kInfo, "config is valid");
  return kOk;
}

int Run(const std::vector<std::string_view>& arguments) {
  const auto command = config::ParseCommandLine(arguments);
  if (!command.ok()) return Fail(command.status(), kBadUsage);
  if (command->help) return Print(config::HelpText());
  if (command->list_targets) return Print(config::TargetsText());
  if (command->version) {
    return Print(StrCat("skald, compatible with Loki version ", api::kLokiVersion, "\n"));
  }
  if (command->health) {
    const Status healthy = CheckHealth(command->health_url);
    if (!healthy.ok()) return Fail(healthy);
    return Print("Loki is healthy\n");
  }
  return RunWithConfig(*command);
}

}  // namespace
}  // namespace skald

int main(int argc, char** argv) { return skald::Run({argv + 1, argv + argc}); }
