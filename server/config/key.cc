#include "server/config/key.h"

#include <limits>

#include "storage/base/go_quote.h"

namespace skald::config {
namespace {

constexpr std::pair<LogLevel, std::string_view> kLogLevels[] = {{LogLevel::kDebug, "debug"},
                                                                {LogLevel::kInfo, "info"},
                                                                {LogLevel::kWarn, "warn"},
                                                                {LogLevel::kError, "error"}};
constexpr std::pair<LogFormat, std::string_view> kLogFormats[] = {{LogFormat::kLogfmt, "logfmt"},
                                                                  {LogFormat::kJson, "json"}};

template <typename Enum, size_t N>
Status StoreName(const std::pair<Enum, std::string_view> (&names)[N], std::string_view what,
                 const Value& value, Enum* to) {
  const auto& text = std::get<std::string>(value);
  for (const auto& [known, name] : names) {
    if (name == text) {
      *to = known;
      return absl::OkStatus();
    }
  }
  return InvalidArgument(StrCat("unrecognized ", what, " ", GoQuote(text)));
}

template <typename Enum, size_t N>
Value LoadName(const std::pair<Enum, std::string_view> (&names)[N], Enum from) {
  for (const auto& [known, name] : names) {
    if (known == from) return std::string(name);
  }
  return std::string();
}

// Stores a value in the member that a key points at.
struct Store {
  Config* config;
  const Value& value;

  template <typename T>
  Status operator()(Member<T> member) const {
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
      return StoreInteger(&member(*config));
    } else {
      member(*config) = std::get<T>(value);
      return absl::OkStatus();
    }
  }
  Status operator()(Member<double> member) const {
    const auto* whole = std::get_if<int64_t>(&value);
    member(*config) = whole != nullptr ? static_cast<double>(*whole) : std::get<double>(value);
    return absl::OkStatus();
  }
  Status operator()(Member<std::chrono::nanoseconds> member) const {
    const int64_t nanos = std::get<int64_t>(value);
    if (nanos < 0) return InvalidArgument("a duration must not be negative");
    member(*config) = std::chrono::nanoseconds(nanos);
    return absl::OkStatus();
  }
  Status operator()(Member<LogLevel> member) const {
    return StoreName(kLogLevels, "log level", value, &member(*config));
  }
  Status operator()(Member<LogFormat> member) const {
    return StoreName(kLogFormats, "log format", value, &member(*config));
  }
  Status operator()(const Structure&) const { return Internal("a structure is read as a whole"); }
  // Only what means "off" may be said of a refused key.
  Status operator()(std::monostate) const {
    const auto* flag = std::get_if<bool>(&value);
    const bool off = flag != nullptr ? !*flag : std::get<std::string>(value).empty();
    return off ? absl::OkStatus() : InvalidArgument("not supported");
  }

 private:
  template <typename T>
  Status StoreInteger(T* to) const {
    const int64_t number = std::get<int64_t>(value);
    const bool fits = std::is_same_v<T, uint64_t>
                          ? number >= 0
                          : number >= static_cast<int64_t>(std::numeric_limits<T>::min()) &&
                                number <= static_cast<int64_t>(std::numeric_limits<T>::max());
    if (!fits) return InvalidArgument(StrCat("value out of range: ", number));
    *to = static_cast<T>(number);
    return absl::OkStatus();
  }
};

// The value of the member that a key points at.
struct Load {
  // Members are reached through a mutable Config only.
  Config* config;
  ValueType type;

  template <typename T>
  Value operator()(Member<T> member) const {
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
      return static_cast<int64_t>(member(*config));
    } else {
      return member(*config);
    }
  }
  Value operator()(Member<double> member) const {
    const double number = member(*config);
    if (type == ValueType::kMebibytes) return number;
    return static_cast<int64_t>(number);
  }
  Value operator()(Member<std::chrono::nanoseconds> member) const {
    return int64_t{member(*config).count()};
  }
  Value operator()(Member<LogLevel> member) const { return LoadName(kLogLevels, member(*config)); }
  Value operator()(Member<LogFormat> member) const {
    return LoadName(kLogFormats, member(*config));
  }
  Value operator()(const Structure&) const { return std::string(); }
  Value operator()(std::monostate) const {
    if (type == ValueType::kBool) return false;
    return std::string();
  }
};

}  // namespace

Status ReadKey(const Key& key, const YamlNode& node, Config* config) {
  if (const auto* structure = std::get_if<Structure>(&key.field)) {
    return structure->read(node, config);
  }
  ASSIGN_OR_RETURN(const Value value, ReadValue(key.type, node));
  const Status stored = std::visit(Store{config, value}, key.field);
  return key.status == KeyStatus::kRefused ? Annotate(stored, key.path) : stored;
}

Status SetKey(const Key& key, std::string_view text, Config* config) {
  ASSIGN_OR_RETURN(const Value value, ParseFlagValue(key.type, text));
  return std::visit(Store{config, value}, key.field);
}

YamlNode WriteKey(const Key& key, const Config& config) {
  if (const auto* structure = std::get_if<Structure>(&key.field)) return structure->write(config);
  Config copy = config;
  return WriteValue(key.type, std::visit(Load{&copy, key.type}, key.field));
}

}  // namespace skald::config
