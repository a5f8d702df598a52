// The generator's source of chance: equal seeds make equal corpora on every machine.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>

namespace skald::bench {

// Threads: externally synchronised.
class GeneratorRandom {
 public:
  explicit GeneratorRandom(uint64_t seed) : state_(seed) {}

  // Any 64 bits (splitmix64).
  uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  // A value in [0, n). REQUIRES: n > 0.
  uint64_t Below(uint64_t n) { return Next() % n; }
  // A value in [low, high].
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(Below(static_cast<uint64_t>(high - low) + 1));
  }
  // A value in [low, high], half of them in the lowest few per cent.
  int64_t Skewed(int64_t low, int64_t high) {
    const auto span = static_cast<uint64_t>(high - low) + 1;
    const uint64_t bound = std::max<uint64_t>(1, span >> Below(std::bit_width(span)));
    return low + static_cast<int64_t>(Below(bound));
  }
  void AppendHex(int64_t digits, std::string* out) {
    for (; digits > 0; --digits) out->push_back("0123456789abcdef"[Below(16)]);
  }

 private:
  uint64_t state_;
};

}  // namespace skald::bench
