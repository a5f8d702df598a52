// A YAML document as a plain tree: what the library read, or what is to be written.
//
// Reading is the only place that meets the YAML library; its exceptions end there.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/base/status.h"

namespace skald::config {

struct YamlMember;

struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  std::string text;     // of a scalar
  bool quoted = false;  // a scalar that is a string whatever it looks like
  int line = 0;         // from 1; 0 in trees that were not read
  std::vector<YamlNode> items;
  std::vector<YamlMember> members;                      // in the order written
  std::vector<std::pair<std::string, int>> duplicates;  // repeated keys and their lines

  static YamlNode Plain(std::string text);
  static YamlNode String(std::string text);
  static YamlNode List(const std::vector<std::string>& strings);
  static YamlNode Map();

  // The member of that name, or null.
  const YamlNode* Find(std::string_view name) const;
  // The type that YAML gives it: `!!null !!bool !!int !!float !!str !!seq !!map`.
  std::string_view Tag() const;
};

// A key of a map and what stands under it.
struct YamlMember {
  YamlMember(std::string_view key, YamlNode node) : name(key), value(std::move(node)) {}
  std::string name;
  YamlNode value;
};

// Reads the first document of `text`; merge keys (`<<`) are carried out. InvalidArgument with the
// line: `yaml: line 3: …`; a document that is nested or expanded beyond reason is refused.
StatusOr<YamlNode> ReadYaml(const std::string& text);

// Block style, lists not indented, strings quoted only where they must be.
std::string WriteYaml(const YamlNode& node);

// Without spaces; plain scalars that are no booleans or numbers are strings.
std::string WriteJson(const YamlNode& node);

// Whether YAML takes the plain text for an integer (decimal, octal, hexadecimal, binary, with
// underscores) or a boolean (`yes`, `on`, …), and its value.
bool ParseYamlInteger(std::string_view text, int64_t* value);
bool ParseYamlBool(std::string_view text, bool* value);

}  // namespace skald::config
