// One key of the configuration: its name, notation, meaning, and where its value lies in a Config.
#pragma once

#include <string_view>
#include <variant>

#include "server/config/config.h"
#include "server/config/value.h"
#include "server/config/yaml_node.h"
#include "storage/base/status.h"

namespace skald::config {

enum class KeyStatus {
  kHonoured,
  kKept,     // read and checked; nothing uses it yet
  kRefused,  // ignoring it would be dangerous: only the value that means "off" is accepted
  kAlias,    // an older name of another key; never printed
};

template <typename T>
using Member = T& (*)(Config&);

// A subtree that is read and written as a whole.
struct Structure {
  // Errors do not name the line. REQUIRES: the node is not null.
  Status (*read)(const YamlNode& node, Config* config);
  YamlNode (*write)(const Config& config);
};

using Field =
    std::variant<std::monostate, Member<bool>, Member<uint16_t>, Member<uint32_t>, Member<int32_t>,
                 Member<uint64_t>, Member<int64_t>, Member<double>, Member<std::string>,
                 Member<std::vector<std::string>>, Member<std::chrono::nanoseconds>,
                 Member<LogLevel>, Member<LogFormat>, Structure>;

struct Key {
  std::string_view path;  // "server.http_listen_port"
  std::string_view flag;  // "server.http-listen-port"; empty: no flag
  ValueType type;
  KeyStatus status;
  Field field;
  std::string_view meaning;
  bool secret = false;  // its value is printed as `<secret>`
};

// Sets the key from a node of the file. InvalidArgument, without the line.
Status ReadKey(const Key& key, const YamlNode& node, Config* config);

// Sets the key from its flag's text. InvalidArgument in the words of Go's flags.
Status SetKey(const Key& key, std::string_view text, Config* config);

// The key's value as it would be written in a file.
YamlNode WriteKey(const Key& key, const Config& config);

}  // namespace skald::config
