#include "server/auth/password_hash.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <memory>

#include "absl/strings/escaping.h"
#include "storage/base/check.h"
#include "storage/base/strings.h"

namespace skald::auth {
namespace {

constexpr std::array<std::string_view, 7> kStrong = {"$2a$", "$2b$", "$2y$", "$5$",
                                                     "$6$",  "$7$",  "$y$"};
constexpr size_t kBcryptSize = 60;
constexpr size_t kSha256Bytes = 32;

}  // namespace

bool IsPasswordHash(const std::string& hash) {
  const bool strong = std::any_of(kStrong.begin(), kStrong.end(), [&](std::string_view prefix) {
    return hash.starts_with(prefix);
  });
  // The library looks at the beginning only; what is cut off later would match no password.
  const bool whole = hash.starts_with("$2") ? hash.size() == kBcryptSize
                                            : std::count(hash.begin(), hash.end(), '$') >= 3;
  return strong && whole && crypt_checksalt(hash.c_str()) == CRYPT_SALT_OK;
}

bool PasswordMatches(const std::string& password, const std::string& hash) {
  const auto data = std::make_unique<crypt_data>();
  const char* made = crypt_r(password.c_str(), hash.c_str(), data.get());
  if (made == nullptr || std::string_view(made).size() != hash.size()) return false;
  return CRYPTO_memcmp(made, hash.data(), hash.size()) == 0;
}

std::string Sha256Hex(std::string_view text) {
  std::array<unsigned char, kSha256Bytes> digest{};
  SKALD_CHECK(EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) ==
              1);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

std::string HmacSha256(std::string_view key, std::string_view text) {
  std::string mac(kSha256Bytes, '\0');
  SKALD_CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                   reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                   reinterpret_cast<unsigned char*>(mac.data()), nullptr) != nullptr);
  return mac;
}

std::string RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  SKALD_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) ==
              1);
  return bytes;
}

}  // namespace skald::auth
