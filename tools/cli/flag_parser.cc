#include "tools/cli/flag_parser.h"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace skald::cli {
namespace {

// The state of one reading, from the first word to the last.
class Reader {
 public:
  Reader(const Grammar& grammar, std::span<const std::string> words)
      : grammar_(grammar), words_(words) {}

  StatusOr<Invocation> Read() {
    result_.empty = words_.empty();
    while (next_ < words_.size() && !result_.version) {
      RETURN_IF_ERROR(ReadWord(words_[next_++]));
    }
    if (result_.help || result_.version) return result_;
    RETURN_IF_ERROR(ApplyEnvironment(grammar_.flags));
    if (result_.empty) return result_;
    if (result_.command == nullptr) return MissingCommand();
    RETURN_IF_ERROR(CheckComplete());
    return result_;
  }

 private:
  Status ReadWord(std::string_view word) {
    if (only_arguments_ || word.size() < 2 || word[0] != '-') return ReadPlainWord(word);
    if (word == "--") {
      only_arguments_ = true;
      return absl::OkStatus();
    }
    return word[1] == '-' ? ReadLongFlag(word.substr(2)) : ReadLetters(word.substr(1));
  }

  Status ReadPlainWord(std::string_view word) {
    if (result_.command == nullptr) return ReadCommand(word);
    const auto& arguments = result_.command->arguments;
    if (argument_ >= arguments.size()) return InvalidArgument(StrCat("unexpected ", word));
    return arguments[argument_++].set(word);
  }

  Status ReadCommand(std::string_view word) {
    if (word == "help" && result_.group.empty()) {
      result_.help = true;
      return absl::OkStatus();
    }
    std::string name = result_.group.empty() ? std::string(word) : StrCat(result_.group, " ", word);
    std::string prefix = StrCat(name, " ");
    for (const Command& command : grammar_.commands) {
      if (command.name == name) {
        result_.command = &command;
        return absl::OkStatus();
      }
      if (command.name.compare(0, prefix.size(), prefix) == 0) {
        result_.group = name;
        return absl::OkStatus();
      }
    }
    return InvalidArgument(StrCat("expected command but got \"", word, "\""));
  }

  Status ReadLongFlag(std::string_view text) {
    size_t equals = text.find('=');
    std::string_view name = text.substr(0, equals);
    if (name == "help" || name == "help-long" || name == "help-man") {
      result_.help = true;
      return absl::OkStatus();
    }
    if (name == "version") {
      result_.version = true;
      return absl::OkStatus();
    }
    const Flag* flag = FindFlag([&](const Flag& f) { return f.name == name; });
    if (flag == nullptr && name.substr(0, 3) == "no-") {
      flag = FindFlag([&](const Flag& f) { return f.is_switch && f.name == name.substr(3); });
      if (flag != nullptr) return SetSwitch(*flag, "false", text, equals);
    }
    if (flag == nullptr) return InvalidArgument(StrCat("unknown long flag '--", name, "'"));
    if (flag->is_switch) return SetSwitch(*flag, "true", text, equals);
    if (equals != std::string_view::npos) return Set(*flag, text.substr(equals + 1));
    return SetFromNextWord(*flag, StrCat("--", name));
  }

  // A switch takes no value: what stands after `=` is read as a word of its own.
  Status SetSwitch(const Flag& flag, std::string_view value, std::string_view text, size_t equals) {
    RETURN_IF_ERROR(Set(flag, value));
    if (equals == std::string_view::npos) return absl::OkStatus();
    return InvalidArgument(StrCat("unexpected ", text.substr(equals + 1)));
  }

  Status ReadLetters(std::string_view letters) {
    for (size_t i = 0; i < letters.size(); ++i) {
      char letter = letters[i];
      const Flag* flag = FindFlag([&](const Flag& f) { return f.letter == letter; });
      if (flag == nullptr) {
        return InvalidArgument(StrCat("unknown short flag '-", letters.substr(i, 1), "'"));
      }
      if (flag->is_switch) {
        RETURN_IF_ERROR(Set(*flag, "true"));
        continue;
      }
      std::string_view rest = letters.substr(i + 1);
      if (!rest.empty() && rest[0] == '=') rest.remove_prefix(1);
      if (!rest.empty()) return Set(*flag, rest);
      return SetFromNextWord(*flag, StrCat("-", letters.substr(i, 1)));
    }
    return absl::OkStatus();
  }

  Status SetFromNextWord(const Flag& flag, std::string_view shown) {
    bool is_flag = next_ < words_.size() && words_[next_].size() > 1 && words_[next_][0] == '-';
    if (next_ >= words_.size() || is_flag) {
      return InvalidArgument(StrCat("expected argument for flag '", shown, "'"));
    }
    return Set(flag, words_[next_++]);
  }

  Status Set(const Flag& flag, std::string_view value) {
    if (!flag.repeats && !flag.is_switch && seen_.count(&flag) > 0) {
      return InvalidArgument(StrCat("flag '", flag.name, "' cannot be repeated"));
    }
    seen_.insert(&flag);
    return flag.set(value);
  }

  template <typename Predicate>
  const Flag* FindFlag(Predicate matches) const {
    auto search = [&](const std::vector<Flag>& flags) -> const Flag* {
      auto it = std::find_if(flags.begin(), flags.end(), matches);
      return it == flags.end() ? nullptr : &*it;
    };
    if (result_.command != nullptr) {
      if (const Flag* own = search(result_.command->flags)) return own;
    }
    return search(grammar_.flags);
  }

  Status ApplyEnvironment(const std::vector<Flag>& flags) {
    for (const Flag& flag : flags) {
      if (flag.environment.empty() || seen_.count(&flag) > 0) continue;
      const char* value = std::getenv(flag.environment.c_str());
      if (value == nullptr || *value == '\0') continue;
      Status status = flag.set(value);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  Status MissingCommand() const {
    if (result_.group.empty()) return InvalidArgument("command not specified");
    return InvalidArgument(StrCat("must select a subcommand of '", result_.group, "'"));
  }

  Status CheckComplete() const {
    for (const Flag& flag : result_.command->flags) {
      if (flag.required && seen_.count(&flag) == 0) {
        return InvalidArgument(StrCat("required flag(s) '--", flag.name, "' not provided"));
      }
    }
    const auto& arguments = result_.command->arguments;
    if (argument_ < arguments.size() && arguments[argument_].required) {
      return InvalidArgument(
          StrCat("required argument '", arguments[argument_].name, "' not provided"));
    }
    return absl::OkStatus();
  }

  const Grammar& grammar_;
  std::span<const std::string> words_;
  size_t next_ = 0;
  size_t argument_ = 0;
  bool only_arguments_ = false;
  std::set<const Flag*> seen_;
  Invocation result_;
};

}  // namespace

StatusOr<Invocation> ParseCommandLine(const Grammar& grammar, std::span<const std::string> words) {
  return Reader(grammar, words).Read();
}

}  // namespace skald::cli
