#include "server/auth/access_list.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "server/auth/password_hash.h"
#include "server/config/yaml_node.h"

namespace skald::auth {
namespace {

using config::YamlNode;

constexpr std::string_view kEveryTenant = "*";
constexpr size_t kSha256Digits = 64;

Status Wrong(const YamlNode& node, std::string_view what) {
  return InvalidArgument(StrCat("access list: line ", node.line, ": ", what));
}

Status CheckNames(const YamlNode& node, std::initializer_list<std::string_view> known) {
  if (node.kind != YamlNode::Kind::kMap) return Wrong(node, "a mapping is expected");
  if (!node.duplicates.empty()) return Wrong(node, "a name is given twice");
  for (const auto& [name, value] : node.members) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return Wrong(node, StrCat("unknown name ", name));
    }
  }
  return absl::OkStatus();
}

StatusOr<std::string> TextOf(const YamlNode& node, std::string_view name) {
  const YamlNode* found = node.Find(name);
  if (found == nullptr || found->kind != YamlNode::Kind::kScalar || found->text.empty()) {
    return Wrong(node, StrCat(name, " is missing"));
  }
  return found->text;
}

StatusOr<std::shared_ptr<const Identity>> IdentityOf(const YamlNode& node) {
  const YamlNode* list = node.Find("tenants");
  if (list == nullptr || list->kind != YamlNode::Kind::kList || list->items.empty()) {
    return Wrong(node, "a list of tenants is missing");
  }
  std::vector<std::string> tenants;
  for (const YamlNode& item : list->items) {
    if (item.kind != YamlNode::Kind::kScalar) return Wrong(item, "a tenant is a name");
    tenants.push_back(item.text);
  }
  return std::make_shared<const Identity>(std::move(tenants));
}

// The items of a list that may be missing.
StatusOr<std::vector<YamlNode>> ItemsOf(const YamlNode& root, std::string_view name) {
  const YamlNode* list = root.Find(name);
  if (list == nullptr || list->kind == YamlNode::Kind::kNull) return std::vector<YamlNode>();
  if (list->kind != YamlNode::Kind::kList) return Wrong(*list, StrCat(name, " is a list"));
  return list->items;
}

}  // namespace

bool Identity::MayUse(std::string_view tenant) const {
  return std::any_of(tenants_.begin(), tenants_.end(), [tenant](const std::string& allowed) {
    return allowed == kEveryTenant || allowed == tenant;
  });
}

std::string_view Identity::only_tenant() const {
  return tenants_.size() == 1 && tenants_[0] != kEveryTenant ? tenants_[0] : std::string_view();
}

StatusOr<std::shared_ptr<const AccessList>> AccessList::Parse(const std::string& yaml) {
  ASSIGN_OR_RETURN(const YamlNode root, config::ReadYaml(yaml));
  RETURN_IF_ERROR(CheckNames(root, {"users", "tokens"}));
  auto list = std::make_shared<AccessList>();
  ASSIGN_OR_RETURN(const auto users, ItemsOf(root, "users"));
  for (const YamlNode& item : users) {
    RETURN_IF_ERROR(CheckNames(item, {"name", "password", "tenants"}));
    ASSIGN_OR_RETURN(std::string name, TextOf(item, "name"));
    User user;
    ASSIGN_OR_RETURN(user.password_hash, TextOf(item, "password"));
    if (!IsPasswordHash(user.password_hash)) {
      return Wrong(item, "the password is no bcrypt, sha512crypt or yescrypt hash");
    }
    ASSIGN_OR_RETURN(user.identity, IdentityOf(item));
    if (!list->users_.emplace(std::move(name), std::move(user)).second) {
      return Wrong(item, "a user is named twice");
    }
  }
  ASSIGN_OR_RETURN(const auto tokens, ItemsOf(root, "tokens"));
  for (const YamlNode& item : tokens) {
    RETURN_IF_ERROR(CheckNames(item, {"name", "sha256", "tenants"}));
    ASSIGN_OR_RETURN(std::string hash, TextOf(item, "sha256"));
    const bool hex = hash.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!hex || hash.size() != kSha256Digits) {
      return Wrong(item, "sha256 is not 64 lower-case hexadecimal digits");
    }
    ASSIGN_OR_RETURN(auto identity, IdentityOf(item));
    if (!list->tokens_.emplace(std::move(hash), std::move(identity)).second) {
      return Wrong(item, "a token is named twice");
    }
  }
  return list;
}

const AccessList::User* AccessList::FindUser(std::string_view name) const {
  const auto found = users_.find(name);
  return found == users_.end() ? nullptr : &found->second;
}

std::shared_ptr<const Identity> AccessList::FindToken(std::string_view token) const {
  const auto found = tokens_.find(Sha256Hex(token));
  return found == tokens_.end() ? nullptr : found->second;
}

}  // namespace skald::auth
