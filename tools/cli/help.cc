#include <algorithm>
#include <cctype>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "tools/cli/command_line.h"

namespace skald::cli {
namespace {

constexpr size_t kWidth = 80;
constexpr size_t kHelpColumn = 32;

std::string Upper(std::string_view text) { return absl::AsciiStrToUpper(ToAbsl(text)); }

// `  -o, --output=default`, `      --[no-]stats`.
std::string FlagHead(const Flag& flag) {
  std::string head =
      flag.letter == 0 ? "      --" : StrCat("  -", std::string(1, flag.letter), ", --");
  if (flag.is_switch) return StrCat(head, "[no-]", flag.name);
  std::string value = flag.default_text.empty() ? Upper(flag.name) : flag.default_text;
  return StrCat(head, flag.name, "=", value, flag.repeats ? " ..." : "");
}

// Words of `text` from the help column on, broken at the width; `head` stands to their left.
std::string TwoColumns(std::string head, std::string_view text) {
  std::string out;
  if (head.size() + 2 > kHelpColumn) {
    out = StrCat(head, "\n");
    head.clear();
  }
  head.resize(kHelpColumn, ' ');
  std::string line = head;
  for (absl::string_view word : absl::StrSplit(ToAbsl(text), ' ')) {
    if (line.size() > kHelpColumn && line.size() + 1 + word.size() > kWidth) {
      StrAppend(&out, line, "\n");
      line.assign(kHelpColumn, ' ');
    }
    StrAppend(&line, line.size() > kHelpColumn ? " " : "", word);
  }
  StrAppend(&out, line, "\n");
  return out;
}

void AppendFlags(const std::vector<Flag>& flags, std::string* out) {
  for (const Flag& flag : flags) {
    std::string text = flag.help;
    if (!flag.environment.empty()) StrAppend(&text, " ($", flag.environment, ")");
    *out += TwoColumns(FlagHead(flag), text);
  }
}

std::string ArgumentWord(const Argument& argument) {
  return argument.required ? StrCat("<", argument.name, ">") : StrCat("[<", argument.name, ">]");
}

std::string Synopsis(const Command& command) {
  std::string out = command.name;
  for (const Flag& flag : command.flags) {
    if (flag.required) StrAppend(&out, " --", flag.name, "=", Upper(flag.name));
  }
  if (!command.flags.empty()) out += " [<flags>]";
  for (const Argument& argument : command.arguments) {
    StrAppend(&out, " ", ArgumentWord(argument));
  }
  return out;
}

void AppendGeneralFlags(const Grammar& grammar, std::string* out) {
  *out += "\nGeneral flags:\n";
  *out += TwoColumns("      --[no-]help", "Show this text.");
  *out += TwoColumns("      --[no-]version", "Show the version.");
  AppendFlags(grammar.flags, out);
}

// What belongs to the command stands before what belongs to all.
std::string CommandHelp(const Grammar& grammar, const Command& command) {
  std::string out = StrCat("usage: skaldcli ", Synopsis(command), "\n\n", command.help, "\n");
  if (!command.arguments.empty()) {
    out += "\nArgs:\n";
    for (const Argument& argument : command.arguments) {
      out += TwoColumns(StrCat("  ", ArgumentWord(argument)), argument.help);
    }
  }
  if (!command.flags.empty()) {
    out += "\nFlags:\n";
    AppendFlags(command.flags, &out);
  }
  AppendGeneralFlags(grammar, &out);
  return out;
}

// `query <query>`: the flags are told by the command's own help.
std::string ShortSynopsis(const Command& command) {
  std::string out = StrCat("  ", command.name);
  for (const Argument& argument : command.arguments) {
    StrAppend(&out, " ", ArgumentWord(argument));
  }
  return out;
}

constexpr std::string_view kExamples = R"(
Examples:
  skaldcli query '{app="web"} |= "error"' --since=2h --limit=100
  skaldcli query '{app="web"}' --tail
  skaldcli query 'sum by (app) (rate({env="prod"}[5m]))' --since=6h --chart
  skaldcli labels app
  journalctl -o cat | skaldcli --stdin query '| logfmt | level="error"'

`skaldcli help <command>` lists the flags of a command.
)";

}  // namespace

std::string HelpText(const Grammar& grammar, const Invocation& invocation) {
  if (invocation.command != nullptr) return CommandHelp(grammar, *invocation.command);
  std::string group = invocation.group.empty() ? "" : StrCat(invocation.group, " ");
  std::string out = StrCat("usage: skaldcli ", group, "[<flags>] <command> [<args> ...]\n\n",
                           "Queries a log server that speaks Loki's HTTP API.\n\nCommands:\n");
  for (const Command& command : grammar.commands) {
    if (command.hidden || command.name.compare(0, group.size(), group) != 0) continue;
    out += TwoColumns(ShortSynopsis(command), command.help);
  }
  out += kExamples;
  AppendGeneralFlags(grammar, &out);
  return out;
}

}  // namespace skald::cli
