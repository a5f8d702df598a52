// skald: the server. Reads flags and configuration, serves until SIGTERM or SIGINT.
#include <csignal>
#include <cstdio>

#include "server/app.h"
#include "server/config/command_line.h"
#include "server/config/load.h"
#include "server/health_check.h"
#include "storage/base/log.h"

namespace skald {
namespace {

constexpr char kVersion[] = "skald, version 0.1.0 (answers as Loki 3.7.6)\n";

int Fail(const Status& status, int code) {
  std::fprintf(stderr, "%s\n", std::string(Message(status)).c_str());
  return code;
}

// Serves until a signal asks to stop; the signals are blocked in every thread and waited for here.
int Serve(const config::Config& config) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  StatusOr<config::TenantOverrides> overrides = config::LoadOverrides(config);
  if (!overrides.ok()) return Fail(overrides.status(), 1);
  StatusOr<std::unique_ptr<App>> app = App::Start(config, *overrides);
  if (!app.ok()) {
    SKALD_LOG(kError, "cannot start", {{"err", Message(app.status())}});
    return 1;
  }
  int signal = 0;
  sigwait(&signals, &signal);
  SKALD_LOG(kInfo, "stopping", {{"signal", signal}});
  const Status stopped = (*app)->Stop();
  if (!stopped.ok()) SKALD_LOG(kError, "stopped with an error", {{"err", Message(stopped)}});
  return stopped.ok() ? 0 : 1;
}

int Main(const std::vector<std::string_view>& arguments) {
  const StatusOr<config::CommandLine> line = config::ParseCommandLine(arguments);
  if (!line.ok()) return Fail(line.status(), 2);
  if (line->help) return std::fputs(config::HelpText().c_str(), stdout) < 0;
  if (line->version) return std::fputs(kVersion, stdout) < 0;
  if (line->list_targets) return std::fputs(config::TargetsText().c_str(), stdout) < 0;
  if (line->health) return CheckHealth(line->health_url);
  const StatusOr<config::Config> config = config::LoadConfig(*line);
  if (!config.ok()) return Fail(config.status(), 1);
  SetLogLevel(config->server.log_level);
  SetLogFormat(config->server.log_format);
  if (const Status valid = config::ValidateConfig(*config); !valid.ok()) {
    SKALD_LOG(kError, "validating config", {{"err", StrCat("CONFIG ERROR: ", Message(valid))}});
    return 1;
  }
  if (line->print_config) {
    std::fputs(config::ConfigYaml(*config, config::ConfigView::kEffective).c_str(), stderr);
  }
  if (line->verify) {
    SKALD_LOG(kInfo, "config is valid");
    return 0;
  }
  return Serve(*config);
}

}  // namespace
}  // namespace skald

int main(int argc, char** argv) {
  return skald::Main(std::vector<std::string_view>(argv + 1, argv + argc));
}
