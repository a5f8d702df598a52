// Sorting many strings that begin alike, as label texts do.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace skald {

// Returns the indexes of `keys` in ascending order of the keys; of equal ones, the lower index
// first. Looks at eight bytes of a string at a time, and once at what it shares with others.
// REQUIRES: fewer than 2^32 keys.
std::vector<uint32_t> StringOrder(std::span<const std::string_view> keys);

}  // namespace skald
