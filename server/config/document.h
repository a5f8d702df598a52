// Lays a YAML document over a Config, key by key, and gathers what is wrong with it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/config/config.h"
#include "server/config/yaml_node.h"

namespace skald::config {

// What reading a document had to say besides.
struct DocumentNotes {
  std::vector<std::string> errors;          // `line 9: field foo not found in type server`
  std::vector<std::string> without_effect;  // keys of Loki's that mean nothing here
};

// Reads the members of `node`, which stands at the dotted path `section` (empty: the whole
// document). Keys that are null are left as they are.
void ReadSection(const YamlNode& node, std::string_view section, Config* config,
                 DocumentNotes* notes);

// The errors as Loki's parser lists them: `yaml: unmarshal errors:\n  line 9: …`. OK when none.
Status DocumentStatus(const DocumentNotes& notes);

}  // namespace skald::config
