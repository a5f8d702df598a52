#include "tools/cli/commands.h"
#include "tools/cli/completion.h"
#include "tools/cli/output.h"
#include "tools/cli/shell_words.h"

namespace skald::cli {
namespace {

// A completion as it is typed: within the quote that was opened.
std::string AsTyped(std::string_view completion, const ShellWords& words) {
  if (words.current_raw.empty() || words.current_raw[0] != words.quote) {
    return std::string(completion);
  }
  std::string out(1, words.quote);
  for (char c : completion) {
    bool escaped = words.quote == '"' && (c == '"' || c == '\\' || c == '$' || c == '`');
    if (escaped) out += '\\';
    out += c;
  }
  return out;
}

// Takes off what bash, whose current word is `word`, has before it.
std::string AfterBreak(const std::string& typed, const ShellWords& words, std::string_view word) {
  std::string_view raw = words.current_raw;
  bool ends_with_word = raw.size() >= word.size() && raw.substr(raw.size() - word.size()) == word;
  return ends_with_word ? typed.substr(std::min(typed.size(), raw.size() - word.size())) : typed;
}

}  // namespace

Status RunComplete(const Options& options) {
  ShellWords words = DivideLine(options.query);
  std::string out;
  for (const std::string& completion : Completions(options.query)) {
    if (completion.find('\n') != std::string::npos) continue;
    // fish quotes what it inserts by itself.
    std::string typed = options.shell == "fish" ? completion : AsTyped(completion, words);
    if (options.shell == "bash") typed = AfterBreak(typed, words, options.shell_word);
    StrAppend(&out, typed, "\n");
  }
  return StandardOutput().Write(out);
}

Status RunCompletion(const Options& options) {
  ASSIGN_OR_RETURN(std::string_view script, CompletionScript(options.shell));
  return StandardOutput().Write(script);
}

}  // namespace skald::cli
