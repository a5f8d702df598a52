// Hashes that passwords and tokens are kept as.
#pragma once

#include <string>
#include <string_view>

namespace skald::auth {

// Whether `hash` is one of crypt(3) that is fit for passwords: bcrypt, sha512crypt, sha256crypt,
// scrypt, yescrypt. What `htpasswd -B`, `openssl passwd -6` and mkpasswd print is.
bool IsPasswordHash(const std::string& hash);

// Whether the password has that hash. Takes tens of milliseconds, by the hash's will.
bool PasswordMatches(const std::string& password, const std::string& hash);

// SHA-256, as 64 hexadecimal digits.
std::string Sha256Hex(std::string_view text);

// HMAC-SHA-256 of `text`, 32 bytes.
std::string HmacSha256(std::string_view key, std::string_view text);

// So many bytes that nobody can guess.
std::string RandomBytes(size_t count);

}  // namespace skald::auth
