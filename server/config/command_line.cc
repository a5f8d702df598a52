#include "server/config/command_line.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_split.h"
#include "server/config/key_table.h"
#include "server/config/loki_names.h"
#include "server/config/targets.h"
#include "storage/base/go_quote.h"

namespace skald::config {
namespace {

// Switches of the program itself, which are no keys.
struct Control {
  std::string_view name;
  bool CommandLine::*member;
  std::string_view meaning;
};
constexpr Control kControls[] = {
    {"config.expand-env", &CommandLine::expand_env,
     "Expand ${VAR} in the configuration file from the environment."},
    {"verify-config", &CommandLine::verify, "Check the configuration and exit."},
    {"print-config-stderr", &CommandLine::print_config,
     "Print the configuration in force to standard error."},
    {"log-config-reverse-order", &CommandLine::log_config,
     "Print the configuration in force to the log, the last line first."},
    {"version", &CommandLine::version, "Print the version and exit."},
    {"list-targets", &CommandLine::list_targets, "Print what -target may name and exit."},
    {"health", &CommandLine::health, "Ask a running server whether it is ready and exit."},
    {"help", &CommandLine::help, "Print this and exit."},
    {"h", &CommandLine::help, "The same."},
};
constexpr std::string_view kConfigFile = "config.file";
constexpr std::string_view kHealthUrl = "health.url";

Status UsageError(std::string_view message) {
  return InvalidArgument(StrCat(message, "\nRun with -help to get list of available parameters"));
}

Status InvalidValue(std::string_view name, std::string_view value, bool boolean,
                    std::string_view reason) {
  return UsageError(StrCat(boolean ? "invalid boolean value " : "invalid value ", GoQuote(value),
                           boolean ? " for -" : " for flag -", name, ": ", reason));
}

class Parser {
 public:
  explicit Parser(const std::vector<std::string_view>& arguments) : arguments_(arguments) {}

  // Ends at the first argument that is no flag, or after `--`.
  StatusOr<CommandLine> Run() {
    for (; next_ < arguments_.size(); ++next_) {
      std::string_view argument = arguments_[next_];
      if (argument.size() < 2 || argument[0] != '-' || argument == "--") break;
      RETURN_IF_ERROR(Flag(argument.substr(argument.starts_with("--") ? 2 : 1)));
    }
    return std::move(line_);
  }

 private:
  Status Flag(std::string_view text) {
    const size_t equals = text.find('=');
    const std::string_view name = text.substr(0, equals);
    std::optional<std::string_view> value;
    if (equals != std::string_view::npos) value = text.substr(equals + 1);
    if (name.empty() || name[0] == '-') return UsageError(StrCat("bad flag syntax: -", text));
    for (const Control& control : kControls) {
      if (control.name == name) return Switch(name, value.value_or("true"), control.member);
    }
    const Key* key = FindFlag(name);
    const NameKind kind = KindOf(name, key);
    if (kind == NameKind::kUnknown) {
      return UsageError(StrCat("flag provided but not defined: -", name));
    }
    if (!value) {
      const bool stands_alone = kind == NameKind::kSwitch;
      if (!stands_alone && next_ + 1 >= arguments_.size()) {
        return UsageError(StrCat("flag needs an argument: -", name));
      }
      value = stands_alone ? "true" : arguments_[++next_];
    }
    return key != nullptr ? Set(*key, *value) : Other(name, *value);
  }

  static NameKind KindOf(std::string_view name, const Key* key) {
    if (key != nullptr) {
      return key->type == ValueType::kBool ? NameKind::kSwitch : NameKind::kValue;
    }
    if (name == kConfigFile || name == kHealthUrl) return NameKind::kValue;
    const NameKind kind = LokiFlags().Find(name);
    return kind == NameKind::kSection ? NameKind::kUnknown : kind;
  }

  Status Switch(std::string_view name, std::string_view text, bool CommandLine::*member) {
    const StatusOr<Value> value = ParseFlagValue(ValueType::kBool, text);
    if (!value.ok()) return InvalidValue(name, text, true, Message(value.status()));
    line_.*member = std::get<bool>(*value);
    return absl::OkStatus();
  }

  // Tries the value on a Config of no further use, so that errors come at once.
  Status Set(const Key& key, std::string_view value) {
    Config scratch;
    const Status status = SetKey(key, value, &scratch);
    if (!status.ok()) {
      return InvalidValue(key.flag, value, key.type == ValueType::kBool, Message(status));
    }
    if (key.status == KeyStatus::kKept) NoteWithoutEffect(key.flag);
    const auto earlier =
        std::find_if(line_.settings.begin(), line_.settings.end(),
                     [&](const auto& setting) { return setting.first == key.flag; });
    if (key.type == ValueType::kStringList && earlier != line_.settings.end()) {
      StrAppend(&earlier->second, ",", value);
    } else {
      line_.settings.emplace_back(key.flag, value);
    }
    return absl::OkStatus();
  }

  Status Other(std::string_view name, std::string_view value) {
    if (name == kConfigFile) {
      line_.config_files = absl::StrSplit(ToAbsl(value), ',');
    } else if (name == kHealthUrl) {
      line_.health_url = std::string(value);
    } else {
      NoteWithoutEffect(name);
    }
    return absl::OkStatus();
  }

  void NoteWithoutEffect(std::string_view name) {
    std::vector<std::string>* noted = &line_.without_effect;
    if (std::find(noted->begin(), noted->end(), name) == noted->end()) noted->emplace_back(name);
  }

  const std::vector<std::string_view>& arguments_;
  size_t next_ = 0;
  CommandLine line_;
};

void AppendHelp(std::string_view name, std::string_view type, std::string_view meaning,
                std::string_view otherwise, std::string* out) {
  StrAppend(out, "  -", name, type.empty() ? "" : " ", type, "\n    \t", meaning);
  if (!otherwise.empty()) StrAppend(out, " (default ", otherwise, ")");
  out->push_back('\n');
}

}  // namespace

StatusOr<CommandLine> ParseCommandLine(const std::vector<std::string_view>& arguments) {
  return Parser(arguments).Run();
}

std::string HelpText() {
  std::string out = "Usage of skald:\n";
  AppendHelp(kConfigFile, "string", "Configuration files, comma-separated; the first that exists.",
             "config.yaml,config/config.yaml", &out);
  for (const Control& control : kControls) AppendHelp(control.name, "", control.meaning, "", &out);
  AppendHelp(kHealthUrl, "string", "What -health asks.", CommandLine().health_url, &out);
  const Config defaults;
  for (const Key* key : AllKeys()) {
    if (key->flag.empty() || key->status == KeyStatus::kAlias) continue;
    const std::string_view type =
        key->type == ValueType::kBool ? std::string_view() : ValueTypeName(key->type);
    const YamlNode otherwise = WriteKey(*key, defaults);
    AppendHelp(key->flag, type, key->meaning, otherwise.text, &out);
  }
  out.append("Loki's other flags are accepted without effect.\n");
  return out;
}

std::string TargetsText() {
  std::string out;
  for (const std::string_view target : Targets()) StrAppend(&out, target, "\n");
  return out;
}

}  // namespace skald::config
