#include "tools/cli/completion.h"

#include <algorithm>

#include "tools/cli/command_line.h"
#include "tools/cli/json_document.h"
#include "tools/cli/loki_client.h"
#include "tools/cli/selector_cursor.h"
#include "tools/cli/shell_words.h"
#include "tools/cli/time_text.h"

namespace skald::cli {
namespace {

constexpr size_t kMaxCompletions = 1000;
constexpr auto kPatience = std::chrono::seconds(2);
constexpr auto kLookBack = std::chrono::hours(24);  // unless the line says otherwise

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

// The strings of a labels or values answer. Trouble of any kind gives none: a completion is no
// place for messages.
std::vector<std::string> FetchNames(const Options& options, const std::string& path,
                                    const std::string& selector) {
  Options quiet = options;
  quiet.quiet = true;
  quiet.connection.timeout = kPatience;
  auto span = SpanOf(options.range, WallClock());
  if (!span.ok()) return {};
  UrlQuery query = {{"start", StrCat(span->start)}, {"end", StrCat(span->end)}};
  if (!selector.empty()) query["query"] = selector;
  LokiClient client(quiet);
  auto body = client.Get(path, query);
  if (!body.ok()) return {};
  JsonDocument document;
  auto root = document.Parse(*body);
  if (!root.ok()) return {};
  std::vector<std::string> names;
  for (auto value : ArrayAt(*root, "data")) {
    names.emplace_back(TextOf(value));
    if (names.size() == kMaxCompletions) break;
  }
  return names;
}

std::vector<std::string> LabelNames(const Options& options, const std::string& selector) {
  return FetchNames(options, "/loki/api/v1/labels", selector);
}

std::vector<std::string> LabelValues(const Options& options, const std::string& label,
                                     const std::string& selector) {
  return FetchNames(options, StrCat("/loki/api/v1/label/", EscapePathSegment(label), "/values"),
                    selector);
}

// `text` as the inside of a LogQL string.
std::string Escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::vector<std::string> QueryCompletions(const Options& options, const std::string& query) {
  SelectorCursor cursor = FindSelectorCursor(query);
  std::string kept = query.substr(0, query.size() - cursor.begun.size());
  std::vector<std::string> completions;
  auto add = [&](std::string_view text, std::string_view end) {
    if (StartsWith(text, cursor.begun)) completions.push_back(StrCat(kept, text, end));
  };
  switch (cursor.place) {
    case SelectorPlace::kNowhere:
      break;
    case SelectorPlace::kStart:
      completions.push_back("{");
      break;
    case SelectorPlace::kName:
      for (const std::string& name : LabelNames(options, cursor.before)) add(name, "=\"");
      break;
    case SelectorPlace::kValue:
      if (!cursor.in_quotes) kept += '"';
      for (const std::string& value : LabelValues(options, cursor.label, cursor.before)) {
        add(Escaped(value), "\"");
      }
      break;
  }
  return completions;
}

// Whether the flag `word` has its value in the next word.
bool TakesNextWord(const Grammar& grammar, const Command* command, std::string_view word) {
  if (!StartsWith(word, "--") || word.find('=') != std::string_view::npos) return false;
  auto takes = [&](const Flag& flag) { return flag.name == word.substr(2) && !flag.is_switch; };
  return std::any_of(grammar.flags.begin(), grammar.flags.end(), takes) ||
         (command != nullptr && std::any_of(command->flags.begin(), command->flags.end(), takes));
}

// The command that the words name, and how many arguments follow it.
struct Named {
  const Command* command = nullptr;
  std::string group;
  size_t arguments = 0;
};
Named FindCommand(const Grammar& grammar, const std::vector<std::string>& words) {
  Named named;
  bool is_value = false;  // of the flag before it
  for (const std::string& word : words) {
    if (is_value || StartsWith(word, "-")) {
      is_value = !is_value && TakesNextWord(grammar, named.command, word);
      continue;
    }
    if (named.command != nullptr) {
      ++named.arguments;
      continue;
    }
    std::string name = named.group.empty() ? word : StrCat(named.group, " ", word);
    for (const Command& command : grammar.commands) {
      if (command.name == name) named.command = &command;
      if (StartsWith(command.name, StrCat(name, " "))) named.group = name;
    }
  }
  return named;
}

void AddFlags(const std::vector<Flag>& flags, std::string_view begun,
              std::vector<std::string>* out) {
  for (const Flag& flag : flags) {
    std::string word = StrCat("--", flag.name, flag.is_switch ? "" : "=");
    if (StartsWith(word, begun)) out->push_back(std::move(word));
  }
}

std::vector<std::string> FlagCompletions(const Grammar& grammar, const Command* command,
                                         const std::string& begun) {
  std::vector<std::string> completions;
  size_t equals = begun.find('=');
  if (equals == std::string::npos) {
    AddFlags(grammar.flags, begun, &completions);
    if (command != nullptr) AddFlags(command->flags, begun, &completions);
    return completions;
  }
  for (const Flag& flag : grammar.flags) {
    if (begun.compare(2, equals - 2, flag.name) != 0) continue;
    for (const std::string& choice : flag.choices) {
      std::string word = StrCat(begun.substr(0, equals + 1), choice);
      if (StartsWith(word, begun)) completions.push_back(std::move(word));
    }
  }
  return completions;
}

std::vector<std::string> CommandCompletions(const Grammar& grammar, const std::string& group,
                                            const std::string& begun) {
  std::vector<std::string> completions;
  std::string path = group.empty() ? "" : StrCat(group, " ");
  for (const Command& command : grammar.commands) {
    if (command.hidden || !StartsWith(command.name, path)) continue;
    std::string word = command.name.substr(path.size());
    word = word.substr(0, word.find(' '));
    bool known = std::find(completions.begin(), completions.end(), word) != completions.end();
    if (StartsWith(word, begun) && !known) completions.push_back(std::move(word));
  }
  return completions;
}

std::vector<std::string> ArgumentCompletions(const Options& options, const Named& named,
                                             const std::string& begun) {
  const std::vector<Argument>& arguments = named.command->arguments;
  if (named.arguments >= arguments.size()) return {};
  const std::string& name = arguments[named.arguments].name;
  if (name == "query" || name == "matcher") return QueryCompletions(options, begun);
  std::vector<std::string> candidates;
  if (name == "label") candidates = LabelNames(options, "");
  if (name == "shell") candidates = {"bash", "fish", "zsh"};
  std::erase_if(candidates, [&](const std::string& word) { return !StartsWith(word, begun); });
  return candidates;
}

}  // namespace

std::vector<std::string> Completions(std::string_view line) {
  ShellWords words = DivideLine(line);
  if (words.complete.empty()) return {};
  words.complete.erase(words.complete.begin());  // the tool itself
  Options options;
  options.range.since = kLookBack;
  Grammar grammar = MakeGrammar(&options);
  // For what the line says of the server; that it is not complete yet is no matter.
  ParseCommandLine(grammar, words.complete).IgnoreError();
  Named named = FindCommand(grammar, words.complete);
  if (StartsWith(words.current, "-")) {
    return FlagCompletions(grammar, named.command, words.current);
  }
  if (named.command == nullptr) return CommandCompletions(grammar, named.group, words.current);
  return ArgumentCompletions(options, named, words.current);
}

}  // namespace skald::cli
