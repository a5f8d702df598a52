// What a request's Authorization header says.
#pragma once

#include <string>
#include <string_view>
#include <variant>

namespace skald::auth {

struct Password {
  std::string user;
  std::string password;
};

struct Token {
  std::string text;
};

// monostate: nothing that is understood.
using Credentials = std::variant<std::monostate, Password, Token>;

// Reads `Basic …` and `Bearer …`, whatever the letter case of the word.
Credentials ParseCredentials(std::string_view authorization);

}  // namespace skald::auth
