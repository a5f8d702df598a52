// Bloom filters over 64-bit hashes: 12 bits and 8 probes a key, one lookup in 300 is a false
// positive. Part of the format.
//
// A filter of n distinct keys is ceil(12 n / 8) bytes. Probe i of a hash h looks at the low 32 bits
// of h + i * ((h >> 32) | 1), times the filter's bits, divided by 2^32; bit b is bit b % 8 of byte
// b / 8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skald::storage {

// The filter of these keys, which are sorted and rid of repetitions.
std::string BuildBloomFilter(std::vector<uint64_t>* hashes);

// False only if the key is not in the filter.
bool BloomFilterMayContain(std::string_view filter, uint64_t hash);

}  // namespace skald::storage
