#include "server/serve.h"

#include <pthread.h>
#include <signal.h>

#include <cstdlib>
#include <string>

#include "server/app.h"
#include "storage/base/log.h"

namespace skald {
namespace {

sigset_t BlockStopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

}  // namespace

int Serve(const config::Config& config) {
  const sigset_t signals = BlockStopSignals();
  SetLogLevel(config.server.log_level);
  SetLogFormat(config.server.log_format);
  std::string ignored;
  for (const std::string& name : config.without_effect) StrAppend(&ignored, " ", name);
  if (!ignored.empty()) SKALD_LOG(kWarn, "settings without effect here", {{"names", ignored}});
  if (config.target != "all") {
    SKALD_LOG(kWarn, "every target runs everything", {{"target", config.target}});
  }
  auto app = App::Start(config);
  if (!app.ok()) {
    SKALD_LOG(kError, "error running the server", {{"err", Message(app.status())}});
    return EXIT_FAILURE;
  }
  int signal = 0;
  sigwait(&signals, &signal);
  SKALD_LOG(kInfo, "received a signal", {{"signal", signal}});
  const Status stopped = (*app)->Stop();
  if (stopped.ok()) return EXIT_SUCCESS;
  SKALD_LOG(kError, "stopping failed", {{"err", Message(stopped)}});
  return EXIT_FAILURE;
}

}  // namespace skald
