// skaldcli: queries a server over HTTP as logcli does.
#include <curl/curl.h>

#include <array>
#include <csignal>
#include <cstdio>

#include "tools/cli/chatter.h"
#include "tools/cli/command_line.h"
#include "tools/cli/commands.h"

namespace {

using namespace skald;
using namespace skald::cli;

constexpr std::string_view kVersion = "skaldcli, version " SKALD_VERSION "\n";

struct Entry {
  std::string_view name;
  Status (*run)(const Options&);
};

constexpr std::array<Entry, 17> kCommands = {{{"query", RunQuery},
                                              {"instant-query", RunInstantQuery},
                                              {"labels", RunLabels},
                                              {"series", RunSeries},
                                              {"fmt", RunFormat},
                                              {"stats", RunStats},
                                              {"volume", RunVolume},
                                              {"volume_range", RunVolume},
                                              {"detected-fields", RunDetectedFields},
                                              {"delete create", RunDeleteCreate},
                                              {"delete list", RunDeleteList},
                                              {"delete cancel", RunDeleteCancel},
                                              {"import", RunImport},
                                              {"retention", RunRetention},
                                              {"compact", RunCompact},
                                              {"completion", RunCompletion},
                                              {"complete", RunComplete}}};

Status RunCommand(const Options& options) {
  for (const Entry& entry : kCommands) {
    if (entry.name == options.command) return entry.run(options);
  }
  return Internal("no such command");
}

// The exit code.
int Run(const std::vector<std::string>& words) {
  Options options;
  Grammar grammar = MakeGrammar(&options);
  auto invocation = ParseCommandLine(grammar, words);
  if (!invocation.ok()) {
    std::fputs(StrCat("skaldcli: error: ", Message(invocation.status()), ", try --help\n").c_str(),
               stderr);
    return 1;
  }
  if (invocation->version) {
    std::fwrite(kVersion.data(), 1, kVersion.size(), stderr);
    return 0;
  }
  if (invocation->help || invocation->empty) {
    std::fputs(HelpText(grammar, *invocation).c_str(), stderr);
    return 0;
  }
  options.command = invocation->command->name;
  Status status = RunCommand(options);
  if (status.ok()) return 0;
  Say(Message(status));
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_DFL);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  int code = Run(std::vector<std::string>(argv + 1, argv + argc));
  curl_global_cleanup();
  return code;
}
