#include "server/config/yaml_node.h"

#include <algorithm>
#include <charconv>

#include "storage/base/go_number.h"

namespace skald::config {
namespace {

bool IsNullText(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

bool IsFloatText(std::string_view text) {
  if (text == ".inf" || text == "-.inf" || text == ".nan") return true;
  // Go's floats also have names, which YAML does not know.
  const bool numeric = text.find_first_of("0123456789") != std::string_view::npos &&
                       text.find_first_not_of("0123456789+-.eE_") == std::string_view::npos;
  double value = 0;
  return numeric && TryParseGoFloat(text, &value);
}

// Takes the prefix of a number's base off `digits`.
int TakeBase(std::string* digits) {
  if (digits->size() < 2 || (*digits)[0] != '0') return 10;
  const char letter = (*digits)[1];
  const int base = letter == 'x' || letter == 'X' ? 16 : letter == 'b' || letter == 'B' ? 2 : 8;
  digits->erase(0, base != 8 || letter == 'o' || letter == 'O' ? 2 : 1);
  return base;
}

}  // namespace

YamlNode YamlNode::Plain(std::string text) {
  YamlNode node;
  node.kind = Kind::kScalar;
  node.text = std::move(text);
  return node;
}

YamlNode YamlNode::String(std::string text) {
  YamlNode node = Plain(std::move(text));
  node.quoted = true;
  return node;
}

YamlNode YamlNode::List(const std::vector<std::string>& strings) {
  YamlNode node;
  node.kind = Kind::kList;
  for (const std::string& text : strings) node.items.push_back(String(text));
  return node;
}

YamlNode YamlNode::Map() {
  YamlNode node;
  node.kind = Kind::kMap;
  return node;
}

const YamlNode* YamlNode::Find(std::string_view name) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const auto& member) { return member.name == name; });
  return found == members.end() ? nullptr : &found->value;
}

std::string_view YamlNode::Tag() const {
  switch (kind) {
    case Kind::kNull:
      return "!!null";
    case Kind::kList:
      return "!!seq";
    case Kind::kMap:
      return "!!map";
    case Kind::kScalar:
      break;
  }
  bool flag = false;
  int64_t integer = 0;
  if (quoted) return "!!str";
  if (IsNullText(text)) return "!!null";
  if (ParseYamlBool(text, &flag)) return "!!bool";
  if (ParseYamlInteger(text, &integer)) return "!!int";
  return IsFloatText(text) ? "!!float" : "!!str";
}

bool ParseYamlInteger(std::string_view text, int64_t* value) {
  std::string digits(text);
  const bool negative = !digits.empty() && digits[0] == '-';
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) digits.erase(0, 1);
  if (digits.empty() || digits.front() < '0' || digits.front() > '9') return false;
  digits.erase(std::remove(digits.begin(), digits.end(), '_'), digits.end());
  const int base = TakeBase(&digits);
  if (negative) digits.insert(0, 1, '-');
  const char* end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, *value, base);
  return error == std::errc() && rest == end;
}

bool ParseYamlBool(std::string_view text, bool* value) {
  for (const std::string_view yes :
       {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"}) {
    if (text == yes) return *value = true;
  }
  for (const std::string_view no :
       {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"}) {
    if (text == no) return !(*value = false);
  }
  return false;
}

}  // namespace skald::config
