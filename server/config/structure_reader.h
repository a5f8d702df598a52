// How the subtrees of a configuration file are read, member by member.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "server/config/value.h"
#include "server/config/yaml_node.h"
#include "storage/base/status.h"

namespace skald::config {

inline Status UnknownField(std::string_view name, std::string_view type) {
  return InvalidArgument(StrCat("field ", name, " not found in type ", type));
}

// Calls `read(name, node)` for every member that is not null.
template <typename Read>
Status ReadMembers(const YamlNode& node, std::string_view type, const Read& read) {
  if (node.kind != YamlNode::Kind::kMap) return CannotUnmarshal(node, type);
  for (const auto& [name, value] : node.members) {
    if (value.Tag() != "!!null") RETURN_IF_ERROR(read(name, value));
  }
  return absl::OkStatus();
}

// Reads a list of structures, each with `read(node, item)`.
template <typename T, typename Read>
Status ReadList(const YamlNode& node, std::string_view type, const Read& read,
                std::vector<T>* items) {
  if (node.kind != YamlNode::Kind::kList) return CannotUnmarshal(node, StrCat("[]", type));
  items->clear();
  for (const YamlNode& item : node.items) RETURN_IF_ERROR(read(item, &items->emplace_back()));
  return absl::OkStatus();
}

template <typename T>
Status ReadScalar(ValueType type, const YamlNode& node, T* to) {
  ASSIGN_OR_RETURN(Value value, ReadValue(type, node));
  *to = std::get<T>(std::move(value));
  return absl::OkStatus();
}

}  // namespace skald::config
