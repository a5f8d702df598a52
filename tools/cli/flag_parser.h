// Reads a command line of flags, commands and arguments in the manner of logcli's (kingpin):
// `--flag=value`, `--flag value`, `--switch`, `--no-switch`, `-o value`, `-oraw`, `-qoraw`, flags
// before and after the command, `--` before arguments that begin with a dash.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"

namespace skald::cli {

// One flag. A switch is set to "true" or "false".
struct Flag {
  std::string name;
  char letter = 0;
  bool is_switch = false;
  bool repeats = false;
  bool required = false;
  std::string environment;   // variable that gives its value when the flag is absent
  std::string default_text;  // for help
  std::string help;
  std::function<Status(std::string_view)> set;
  std::vector<std::string> choices;  // for completion, when only these are valid
};

struct Argument {
  std::string name;
  bool required = true;
  std::string help;
  std::function<Status(std::string_view)> set;
};

// A command and what belongs to it alone. `name` is the whole path: `delete list`.
struct Command {
  std::string name;
  std::string help;
  std::vector<Flag> flags;
  std::vector<Argument> arguments;
  bool hidden = false;  // left out of help
};

struct Grammar {
  std::vector<Flag> flags;  // of every command
  std::vector<Command> commands;
};

// What was asked for. `command` is null when no command was named.
struct Invocation {
  const Command* command = nullptr;
  std::string group;  // `delete`, when no command of the group was named
  bool help = false;
  bool version = false;
  bool empty = false;  // no words at all
};

// Applies the environment and then the words to the grammar's setters. Errors are InvalidArgument
// with kingpin's text, such as `unknown long flag '--x'`. The result points into `grammar`.
StatusOr<Invocation> ParseCommandLine(const Grammar& grammar, std::span<const std::string> words);

}  // namespace skald::cli
