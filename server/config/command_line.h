// The command line in Go's notation: `-name=value`, `-name value`, `--name`, `-switch`.
//
// Every key of the table is also a flag, and a flag beats the file. Loki's flags that have no
// effect here are accepted and remembered.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/base/status.h"

namespace skald::config {

struct CommandLine {
  // Looked for in turn; the first that exists counts.
  std::vector<std::string> config_files = {"config.yaml", "config/config.yaml"};
  bool expand_env = false;    // -config.expand-env
  bool verify = false;        // -verify-config
  bool print_config = false;  // -print-config-stderr
  bool log_config = false;    // -log-config-reverse-order
  bool version = false;       // -version
  bool list_targets = false;  // -list-targets
  bool health = false;        // -health
  std::string health_url = "http://localhost:3100/ready";
  bool help = false;  // -help, -h

  // The flags that set keys, in order: name without dashes, value.
  std::vector<std::pair<std::string, std::string>> settings;
  // Flags without effect that were given, each once.
  std::vector<std::string> without_effect;
};

// `arguments` without the program's name. InvalidArgument (the program ends with 2) in Go's words:
// `flag provided but not defined: -foo`, `flag needs an argument: -log.level`, `invalid value …`.
StatusOr<CommandLine> ParseCommandLine(const std::vector<std::string_view>& arguments);

// What -help prints: every flag with its default and meaning.
std::string HelpText();

// What -list-targets prints.
std::string TargetsText();

}  // namespace skald::config
