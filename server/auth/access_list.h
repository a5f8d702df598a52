// Who may ask for which tenants: users with passwords, and bearer tokens.
//
//   users:
//     - name: promtail
//       password: $2y$10$…        # a hash: htpasswd -nB promtail, openssl passwd -6, mkpasswd
//       tenants: [team-a]
//   tokens:
//     - sha256: 9f86d0…           # printf %s TOKEN | sha256sum
//       tenants: ['*']            # every tenant
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"
#include "storage/base/strings.h"

namespace skald::auth {

// Threads: immutable.
class Identity {
 public:
  explicit Identity(std::vector<std::string> tenants) : tenants_(std::move(tenants)) {}

  bool MayUse(std::string_view tenant) const;
  // The one tenant that is meant when a request names none; empty if there are several.
  std::string_view only_tenant() const;

 private:
  const std::vector<std::string> tenants_;  // `*` is every one
};

// Threads: immutable; shared by pointer.
class AccessList {
 public:
  struct User {
    std::string password_hash;
    std::shared_ptr<const Identity> identity;
  };

  // InvalidArgument with the line for what is no access list. The error holds no secret.
  static StatusOr<std::shared_ptr<const AccessList>> Parse(const std::string& yaml);

  // Null when there is none of this name.
  const User* FindUser(std::string_view name) const;
  // Null when no such token is known.
  std::shared_ptr<const Identity> FindToken(std::string_view token) const;

 private:
  StringMap<User> users_;
  // By the hash of the token: what a search for it takes says nothing about the token itself.
  StringMap<std::shared_ptr<const Identity>> tokens_;
};

}  // namespace skald::auth
