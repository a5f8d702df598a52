#include "tests/server/every_key_file.h"

#include <string_view>

#include "server/config/key_table.h"
#include "server/config/loki_names.h"

namespace skald::config {
namespace {

// What a file may say of a key without changing anything.
YamlNode Harmless(std::string_view path, NameKind kind) {
  const Key* key = FindKey(path);
  if (key != nullptr) return WriteKey(*key, Config());
  if (kind != NameKind::kAnything) return YamlNode::String("x");
  YamlNode map = YamlNode::Map();
  map.members.emplace_back("whatever", YamlNode::List({"x"}));
  return map;
}

void Put(std::string_view path, YamlNode value, YamlNode* section) {
  for (size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
    const std::string name(path.substr(0, dot));
    path.remove_prefix(dot + 1);
    const YamlNode* found = section->Find(name);
    section = found != nullptr ? const_cast<YamlNode*>(found)
                               : &section->members.emplace_back(name, YamlNode::Map()).value;
  }
  section->members.emplace_back(path, std::move(value));
}

}  // namespace

std::string EveryKeyFile() {
  YamlNode root = YamlNode::Map();
  LokiKeys().ForEach([&root](std::string_view path, NameKind kind) {
    if (FindKey(path) == nullptr && IsInTable(path)) return;  // part of a structure
    Put(path, Harmless(path, kind), &root);
  });
  return WriteYaml(root);
}

}  // namespace skald::config
