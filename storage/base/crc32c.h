// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), the checksum of every stored byte.
#pragma once

#include <cstdint>
#include <string_view>

namespace skald {

// The checksum of `bytes`; given the checksum of what precedes them as `seed`, that of both:
// Crc32c(b, Crc32c(a)) == Crc32c(a + b). Uses the processor's instruction where it has one.
uint32_t Crc32c(std::string_view bytes, uint32_t seed = 0);

namespace crc32c_internal {
// The version for processors without the instruction; for tests.
uint32_t Portable(std::string_view bytes, uint32_t seed);
}  // namespace crc32c_internal

}  // namespace skald
