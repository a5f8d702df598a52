// Non-cryptographic hashes (XXH3). Their values are part of the storage format: equal on every
// machine and never to change.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

namespace skald {

struct Hash128Value {
  uint64_t high = 0;
  uint64_t low = 0;
  auto operator<=>(const Hash128Value&) const = default;
};

uint64_t Hash64(std::string_view bytes, uint64_t seed = 0);
Hash128Value Hash128(std::string_view bytes, uint64_t seed = 0);

}  // namespace skald
