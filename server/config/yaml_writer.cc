#include <algorithm>

#include "absl/strings/str_format.h"
#include "server/config/yaml_node.h"
#include "server/http/json_writer.h"
#include "server/http/text.h"

namespace skald::config {
namespace {

bool IsPlainByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.' || c == '/';
}

// Whether `text` may stand without quotes and still be a string.
bool MayBePlain(const std::string& text) {
  if (text.empty() || text[0] == '-' || text[0] == '.') return false;
  return std::all_of(text.begin(), text.end(), IsPlainByte) &&
         YamlNode::Plain(text).Tag() == "!!str";
}

void AppendQuoted(const std::string& text, std::string* out) {
  out->push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      StrAppend(out, "\\", std::string_view(&c, 1));
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      absl::StrAppendFormat(out, "\\x%02x", static_cast<unsigned char>(c));
    } else {
      out->push_back(c);
    }
  }
  out->push_back('"');
}

void AppendScalar(const YamlNode& node, std::string* out) {
  if (!node.quoted || MayBePlain(node.text)) {
    out->append(node.text);
  } else {
    AppendQuoted(node.text, out);
  }
}

class BlockWriter {
 public:
  explicit BlockWriter(std::string* out) : out_(out) {}

  // `lead` stands before the first line in place of the indentation, as "- " does.
  void Map(const YamlNode& node, size_t indent, std::string_view lead) {
    for (const auto& [name, value] : node.members) {
      out_->append(lead.empty() ? std::string(indent, ' ') : std::string(lead));
      lead = {};
      AppendScalar(YamlNode::String(name), out_);
      out_->push_back(':');
      Value(value, indent);
    }
  }

  void List(const YamlNode& node, size_t indent) {
    const std::string lead = std::string(indent, ' ') + "- ";
    for (const YamlNode& item : node.items) {
      if (item.kind == YamlNode::Kind::kMap && !item.members.empty()) {
        Map(item, indent + 2, lead);
      } else {
        StrAppend(out_, std::string(indent, ' '), "-");
        Value(item, indent);
      }
    }
  }

 private:
  // What follows a key's colon or an item's dash.
  void Value(const YamlNode& value, size_t indent) {
    switch (value.kind) {
      case YamlNode::Kind::kNull:
        out_->append(" null\n");
        break;
      case YamlNode::Kind::kScalar:
        out_->push_back(' ');
        AppendScalar(value, out_);
        out_->push_back('\n');
        break;
      case YamlNode::Kind::kList:
        out_->append(value.items.empty() ? " []\n" : "\n");
        List(value, indent);
        break;
      case YamlNode::Kind::kMap:
        out_->append(value.members.empty() ? " {}\n" : "\n");
        Map(value, indent + 2, {});
        break;
    }
  }

  std::string* const out_;
};

void AppendJson(const YamlNode& node, std::string* out) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      out->append("null");
      break;
    case YamlNode::Kind::kScalar:
      if (node.Tag() == "!!str") {
        http::AppendJsonString(out, node.text);
      } else {
        out->append(node.text);
      }
      break;
    case YamlNode::Kind::kList:
      for (size_t i = 0; i < node.items.size(); ++i) {
        out->push_back(i == 0 ? '[' : ',');
        AppendJson(node.items[i], out);
      }
      out->append(node.items.empty() ? "[]" : "]");
      break;
    case YamlNode::Kind::kMap:
      for (size_t i = 0; i < node.members.size(); ++i) {
        out->push_back(i == 0 ? '{' : ',');
        http::AppendJsonString(out, node.members[i].name);
        out->push_back(':');
        AppendJson(node.members[i].value, out);
      }
      out->append(node.members.empty() ? "{}" : "}");
      break;
  }
}

}  // namespace

std::string WriteYaml(const YamlNode& node) {
  std::string out;
  BlockWriter(&out).Map(node, 0, {});
  return out;
}

std::string WriteJson(const YamlNode& node) {
  std::string out;
  AppendJson(node, &out);
  return out;
}

}  // namespace skald::config
