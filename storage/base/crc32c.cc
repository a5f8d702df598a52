#include "storage/base/crc32c.h"

#include <array>
#include <cstddef>

#include "storage/base/coding.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace skald {
namespace {

constexpr uint32_t kPolynomial = 0x82F63B78;

constexpr std::array<uint32_t, 256> MakeByteTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    table[byte] = crc;
  }
  return table;
}
constexpr std::array<uint32_t, 256> kByteTable = MakeByteTable();

// Checksum registers below are raw: the inversions at both ends are the caller's.
uint32_t Step(uint32_t crc, uint8_t byte) { return (crc >> 8) ^ kByteTable[(crc ^ byte) & 0xFF]; }

#if defined(__x86_64__)

// Moves a register past kBytes zero bytes. That is linear in the register's bits, so it is the sum
// of one table entry for each of its four bytes.
template <size_t kBytes>
class ZeroShift {
 public:
  ZeroShift() {
    for (size_t bit = 0; bit < 32; ++bit) {
      uint32_t crc = uint32_t{1} << bit;
      for (size_t i = 0; i < kBytes; ++i) crc = Step(crc, 0);
      const size_t in_byte = size_t{1} << (bit % 8);
      for (size_t byte = in_byte; byte < 256; ++byte) {
        if ((byte & in_byte) != 0) table_[bit / 8][byte] ^= crc;
      }
    }
  }
  uint32_t operator()(uint32_t crc) const {
    return table_[0][crc & 0xFF] ^ table_[1][crc >> 8 & 0xFF] ^ table_[2][crc >> 16 & 0xFF] ^
           table_[3][crc >> 24];
  }

 private:
  uint32_t table_[4][256] = {};
};

// The instruction takes three cycles but one can start in each: three neighbouring blocks are
// summed at once, then joined.
template <size_t kBlock>
__attribute__((target("sse4.2"))) void ConsumeTriples(uint32_t* crc, const char** data,
                                                      size_t* size) {
  static const ZeroShift<kBlock> shift;
  while (*size >= 3 * kBlock) {
    uint64_t a = *crc;
    uint64_t b = 0;
    uint64_t c = 0;
    const char* p = *data;
    for (const char* end = p + kBlock; p < end; p += 8) {
      a = _mm_crc32_u64(a, LoadFixed<uint64_t>(p));
      b = _mm_crc32_u64(b, LoadFixed<uint64_t>(p + kBlock));
      c = _mm_crc32_u64(c, LoadFixed<uint64_t>(p + 2 * kBlock));
    }
    *crc = shift(shift(static_cast<uint32_t>(a)) ^ static_cast<uint32_t>(b)) ^
           static_cast<uint32_t>(c);
    *data += 3 * kBlock;
    *size -= 3 * kBlock;
  }
}

__attribute__((target("sse4.2"))) uint32_t Hardware(std::string_view bytes, uint32_t seed) {
  uint32_t crc = ~seed;
  const char* data = bytes.data();
  size_t size = bytes.size();
  ConsumeTriples<2048>(&crc, &data, &size);
  ConsumeTriples<128>(&crc, &data, &size);
  for (; size >= 8; size -= 8, data += 8) {
    crc = static_cast<uint32_t>(_mm_crc32_u64(crc, LoadFixed<uint64_t>(data)));
  }
  for (; size > 0; --size, ++data) crc = _mm_crc32_u8(crc, static_cast<uint8_t>(*data));
  return ~crc;
}

bool HasInstruction() { return __builtin_cpu_supports("sse4.2") != 0; }

#else

uint32_t Hardware(std::string_view bytes, uint32_t seed) {
  return crc32c_internal::Portable(bytes, seed);
}
bool HasInstruction() { return false; }

#endif

}  // namespace

namespace crc32c_internal {

uint32_t Portable(std::string_view bytes, uint32_t seed) {
  uint32_t crc = ~seed;
  for (const char c : bytes) crc = Step(crc, static_cast<uint8_t>(c));
  return ~crc;
}

}  // namespace crc32c_internal

uint32_t Crc32c(std::string_view bytes, uint32_t seed) {
  static const auto implementation = HasInstruction() ? Hardware : crc32c_internal::Portable;
  return implementation(bytes, seed);
}

}  // namespace skald
