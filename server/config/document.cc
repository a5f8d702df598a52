#include "server/config/document.h"

#include "server/config/key_table.h"
#include "server/config/loki_names.h"

namespace skald::config {
namespace {

// What the whole document is called in messages.
std::string_view SectionName(std::string_view section) {
  return section.empty() ? "config" : section;
}

void AddError(int line, std::string_view message, DocumentNotes* notes) {
  notes->errors.push_back(StrCat("line ", line, ": ", message));
}

NameKind KindOf(std::string_view path) {
  const NameKind kind = LokiKeys().Find(path);
  if (kind == NameKind::kUnknown && IsSection(path)) return NameKind::kSection;
  if (kind == NameKind::kUnknown && IsRemovedKey(path)) return NameKind::kAnything;
  return kind;
}

void ReadMember(const std::string& name, const YamlNode& node, std::string_view section,
                Config* config, DocumentNotes* notes) {
  const std::string path = section.empty() ? name : StrCat(section, ".", name);
  const bool null = node.Tag() == "!!null";
  if (const Key* key = FindKey(path); key != nullptr) {
    if (null) return;
    const Status status = ReadKey(*key, node, config);
    if (!status.ok()) AddError(node.line, Message(status), notes);
    if (key->status == KeyStatus::kKept) notes->without_effect.push_back(path);
    return;
  }
  switch (KindOf(path)) {
    case NameKind::kUnknown:
      AddError(node.line, StrCat("field ", name, " not found in type ", SectionName(section)),
               notes);
      return;
    case NameKind::kSection:
      if (!null) ReadSection(node, path, config, notes);
      return;
    case NameKind::kValue:
    case NameKind::kSwitch:
      if (node.kind == YamlNode::Kind::kMap) {
        AddError(node.line, Message(CannotUnmarshal(node, path)), notes);
        return;
      }
      break;
    case NameKind::kAnything:
      break;
  }
  if (!null) notes->without_effect.push_back(path);
}

}  // namespace

void ReadSection(const YamlNode& node, std::string_view section, Config* config,
                 DocumentNotes* notes) {
  if (node.kind != YamlNode::Kind::kMap) {
    AddError(node.line, Message(CannotUnmarshal(node, SectionName(section))), notes);
    return;
  }
  for (const auto& [name, line] : node.duplicates) {
    AddError(line, StrCat("field ", name, " already set in type ", SectionName(section)), notes);
  }
  for (const auto& [name, member] : node.members) {
    ReadMember(name, member, section, config, notes);
  }
}

Status DocumentStatus(const DocumentNotes& notes) {
  if (notes.errors.empty()) return absl::OkStatus();
  std::string message = "yaml: unmarshal errors:";
  for (const std::string& error : notes.errors) StrAppend(&message, "\n  ", error);
  return InvalidArgument(message);
}

}  // namespace skald::config
