// A small seeded generator for property tests: equal seeds give equal tests on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace skald {

// Threads: externally synchronised.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

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
    const uint64_t span = static_cast<uint64_t>(high) - static_cast<uint64_t>(low) + 1;
    const uint64_t offset = span == 0 ? Next() : Below(span);
    return static_cast<int64_t>(static_cast<uint64_t>(low) + offset);
  }
  // True once in `n` times on average. REQUIRES: n > 0.
  bool OneIn(uint64_t n) { return Below(n) == 0; }
  // A value of up to 64 bits, small ones as likely as large.
  uint64_t Skewed() { return Next() >> Below(64); }

  // An element of a container with size() and []. REQUIRES: it is not empty.
  template <typename Container>
  decltype(auto) Pick(const Container& from) {
    return from[static_cast<size_t>(Below(from.size()))];
  }
  // `size` bytes drawn from `alphabet`; any bytes when it is empty.
  std::string Text(size_t size, std::string_view alphabet = {}) {
    std::string text(size, '\0');
    for (char& c : text) c = alphabet.empty() ? static_cast<char>(Next()) : Pick(alphabet);
    return text;
  }

 private:
  uint64_t state_;
};

}  // namespace skald
