#include "tools/cli/flag_makers.h"

#include <utility>

namespace skald::cli {

Flag Value(std::string name, std::string default_text, std::string help, Setter set) {
  Flag flag;
  flag.name = std::move(name);
  flag.default_text = std::move(default_text);
  flag.help = std::move(help);
  flag.set = std::move(set);
  return flag;
}

Flag Choice(std::string name, std::string help, std::vector<std::string> choices,
            std::string* out) {
  Flag flag = Value(std::move(name), choices.front(), std::move(help), SetChoice(out, choices));
  flag.choices = std::move(choices);
  return flag;
}

Flag Switch(std::string name, std::string help, bool* out) {
  Flag flag = Value(std::move(name), "", std::move(help), SetSwitch(out));
  flag.is_switch = true;
  return flag;
}

Flag Repeated(std::string name, std::string help, std::vector<std::string>* out) {
  Flag flag = Value(std::move(name), "", std::move(help), AppendText(out));
  flag.repeats = true;
  return flag;
}

Flag WithLetter(Flag flag, char letter) {
  flag.letter = letter;
  return flag;
}

Flag From(Flag flag, std::string environment) {
  flag.environment = std::move(environment);
  return flag;
}

void AddRangeFlags(RangeOptions* range, std::string default_since, std::vector<Flag>* flags) {
  flags->push_back(Value("since", std::move(default_since), "How far to look back.",
                         SetDuration(&range->since)));
  flags->push_back(
      Value("from", "", "Start of the range (RFC 3339), inclusive.", SetText(&range->from)));
  flags->push_back(Value("to", "", "End of the range (RFC 3339), exclusive.", SetText(&range->to)));
}

}  // namespace skald::cli
