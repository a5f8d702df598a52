#include "storage/base/coding.h"

#include <algorithm>

namespace skald {

char* StoreVarint64(char* to, uint64_t value) {
  while (value >= 0x80) {
    *to++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *to++ = static_cast<char>(value);
  return to;
}

void PutVarint64(std::string* out, uint64_t value) {
  char bytes[kMaxVarint64Size];
  out->append(bytes, static_cast<size_t>(StoreVarint64(bytes, value) - bytes));
}

void PutLengthPrefixed(std::string* out, std::string_view bytes) {
  PutVarint64(out, bytes.size());
  out->append(bytes);
}

bool ByteReader::ReadLongVarint(uint64_t* value) {
  const size_t limit = std::min(bytes_.size(), kMaxVarint64Size);
  uint64_t result = 0;
  for (size_t i = 0; i < limit; ++i) {
    const uint64_t byte = static_cast<uint8_t>(bytes_[i]);
    if (i + 1 == kMaxVarint64Size && byte > 1) return false;  // past 64 bits
    result |= (byte & 0x7F) << (7 * i);
    if (byte < 0x80) {
      *value = result;
      bytes_.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

}  // namespace skald
