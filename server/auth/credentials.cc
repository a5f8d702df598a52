#include "server/auth/credentials.h"

#include <string>

#include "absl/strings/escaping.h"
#include "storage/base/ascii.h"
#include "storage/base/strings.h"

namespace skald::auth {

Credentials ParseCredentials(std::string_view authorization) {
  const size_t space = authorization.find(' ');
  if (space == std::string_view::npos) return {};
  const std::string_view scheme = authorization.substr(0, space);
  std::string_view rest = authorization.substr(space + 1);
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  if (rest.empty()) return {};
  if (EqualsIgnoreCase(scheme, "Bearer")) return Token{std::string(rest)};
  std::string pair;
  if (!EqualsIgnoreCase(scheme, "Basic") || !absl::Base64Unescape(ToAbsl(rest), &pair)) {
    return {};
  }
  const size_t colon = pair.find(':');
  if (colon == std::string::npos) return {};
  return Password{pair.substr(0, colon), pair.substr(colon + 1)};
}

}  // namespace skald::auth
