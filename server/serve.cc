#include "server/serve.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "server/app.h"
#include "server/process_limits.h"
#include "server/unserved_rules.h"
#include "storage/base/file_system.h"
#include "storage/base/log.h"

namespace skald {
namespace {

constexpr size_t kMaxNames = 500;  // of settings in a line of the log

sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

// Of the configuration: what is not as a Loki user may expect.
void ReportIgnored(const config::Config& config) {
  const std::vector<std::string>& ignored = config.without_effect;
  if (!ignored.empty()) {
    const auto end = ignored.begin() + static_cast<ptrdiff_t>(std::min(ignored.size(), kMaxNames));
    SKALD_LOG(kWarn, "settings without effect here",
              {{"number", ignored.size()}, {"names", absl::StrJoin(ignored.begin(), end, " ")}});
  }
  if (config.target != "all") {
    SKALD_LOG(kWarn, "every target runs everything", {{"target", config.target}});
  }
}

void Reload(const std::function<StatusOr<config::Config>()>& read_again, App* app) {
  const Status status = app->Reload(read_again());
  if (status.ok()) return;
  SKALD_LOG(kError, "configuration not reloaded, the one in force stays",
            {{"err", Message(status)}});
}

}  // namespace

int Serve(const config::Config& config,
          const std::function<StatusOr<config::Config>()>& read_again) {
  const sigset_t signals = BlockSignals();
  SetProcessLimits();
  SetLogLevel(config.server.log_level);
  SetLogFormat(config.server.log_format);
  ReportIgnored(config);
  ReportUnservedRules(FindUnservedRules(config, FileSystem::Posix()));
  auto app = App::Start(config);
  if (!app.ok()) {
    SKALD_LOG(kError, "error running the server", {{"err", Message(app.status())}});
    return EXIT_FAILURE;
  }
  int signal = 0;
  while (sigwait(&signals, &signal) == 0 && signal == SIGHUP) Reload(read_again, app->get());
  SKALD_LOG(kInfo, "received a signal", {{"signal", signal}});
  const Status stopped = (*app)->Stop();
  if (stopped.ok()) return EXIT_SUCCESS;
  SKALD_LOG(kError, "stopping failed", {{"err", Message(stopped)}});
  return EXIT_FAILURE;
}

}  // namespace skald
