#include "tools/cli/own_commands.h"

#include <utility>

#include "storage/base/byte_size.h"
#include "tools/cli/flag_makers.h"

namespace skald::cli {
namespace {

Setter SetBytes(uint64_t* out) {
  return [out](std::string_view text) -> Status {
    ASSIGN_OR_RETURN(*out, ParseHumanizedBytes(text));
    return absl::OkStatus();
  };
}

void AddSourceFlags(ConnectionOptions* c, std::vector<Flag>* flags) {
  flags->push_back(
      Value("source-org-id", "", "Tenant to read on the source.", SetText(&c->org_id)));
  flags->push_back(From(Value("source-username", "", "User on the source.", SetText(&c->username)),
                        "LOKI_SOURCE_USERNAME"));
  flags->push_back(
      From(Value("source-password", "", "Password on the source.", SetText(&c->password)),
           "LOKI_SOURCE_PASSWORD"));
  flags->push_back(
      From(Value("source-bearer-token", "", "Token for the source.", SetText(&c->bearer_token)),
           "LOKI_SOURCE_BEARER_TOKEN"));
  flags->push_back(
      Repeated("source-header", "A header to send to the source, `Name: value`.", &c->headers));
  flags->push_back(Value("source-ca-cert", "", "File of the source's certificate authority.",
                         SetText(&c->ca_cert)));
  flags->push_back(Switch("source-tls-skip-verify", "Do not verify the source's certificate.",
                          &c->tls_skip_verify));
}

Command ImportCommand(Options* o) {
  Command c{"import", "Copy entries from another server into this one, or go on doing so.", {}, {}};
  AddRangeFlags(&o->import.range, "30d", &c.flags);
  c.flags.push_back(Value("selector", "", "Which streams, such as '{app=\"web\"}'; else all.",
                          SetText(&o->query)));
  c.flags.push_back(Value("state", "skald-import.json", "File that says how far the import is.",
                          SetText(&o->import.state_file)));
  c.flags.push_back(Value("batch", "1000", "Entries to fetch at a time.", SetInteger(&o->batch)));
  c.flags.push_back(Value("window", "1h", "Length of the first window; later ones adapt.",
                          SetDuration(&o->import.window)));
  c.flags.push_back(Value("rate", "0", "Most bytes a second, such as 4MB; 0: no limit.",
                          SetBytes(&o->import.bytes_per_second)));
  c.flags.push_back(Switch("skip-refused", "Go on past entries that the target refuses.",
                           &o->import.skip_refused));
  AddSourceFlags(&o->import.source, &c.flags);
  c.arguments.push_back({"source", true,
                         "server to copy from, such as http://loki:3100; --addr is the target",
                         SetText(&o->import.source.address)});
  return c;
}

Command RetentionCommand(Options* o) {
  Command c{"retention",
            "Show how long logs are kept, what that costs, and what a change would delete.",
            {},
            {}};
  c.flags.push_back(
      Value("plan", "", "A configuration file that may come into force.", SetText(&o->plan)));
  c.flags.push_back(
      Value("since", "90d", "How far to look back.", SetDuration(&o->plan_look_back)));
  return c;
}

Command CompactCommand(Options* o) {
  Command c{"compact", "Show how the server's merges go; with --full merge all it can.", {}, {}};
  c.flags.push_back(Switch(
      "full", "Write everything in memory to parts, merge until nothing is left, and wait for it.",
      &o->full));
  return c;
}

void AddCompletionCommands(Options* o, std::vector<Command>* commands) {
  Command script{"completion", "Print a shell's completion script: bash, zsh or fish.", {}, {}};
  script.arguments.push_back({"shell", true, "bash, zsh or fish", SetText(&o->shell)});
  commands->push_back(std::move(script));
  Command complete{"complete", "Print the completions of a command line.", {}, {}, true};
  complete.flags.push_back(Value("shell", "", "Whose rules of quoting count.", SetText(&o->shell)));
  complete.flags.push_back(
      Value("word", "", "What bash takes for the current word.", SetText(&o->shell_word)));
  complete.arguments.push_back({"line", true, "up to the cursor", SetText(&o->query)});
  commands->push_back(std::move(complete));
}

}  // namespace

void AddOwnCommands(Options* options, std::vector<Command>* commands) {
  commands->push_back(ImportCommand(options));
  commands->push_back(RetentionCommand(options));
  commands->push_back(CompactCommand(options));
  AddCompletionCommands(options, commands);
}

}  // namespace skald::cli
