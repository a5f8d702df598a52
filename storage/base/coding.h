// Integers and strings as bytes: little-endian fixed widths, varints (LEB128, seven bits a byte,
// lowest first), zigzag for signed values, and strings prefixed with their length as a varint.
//
// Appending never fails. Reading is done by ByteReader, which is safe on any bytes.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace skald {

static_assert(std::endian::native == std::endian::little, "formats are read in place");

inline constexpr size_t kMaxVarint32Size = 5;
inline constexpr size_t kMaxVarint64Size = 10;

// Stores and loads a fixed-width value at any address, aligned or not.
template <typename T>
void StoreFixed(char* to, T value) {
  std::memcpy(to, &value, sizeof(value));
}
template <typename T>
T LoadFixed(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

inline void PutFixed32(std::string* out, uint32_t value) {
  out->append(reinterpret_cast<const char*>(&value), sizeof(value));
}
inline void PutFixed64(std::string* out, uint64_t value) {
  out->append(reinterpret_cast<const char*>(&value), sizeof(value));
}

// Writes a varint and returns the byte after it. REQUIRES: room for kMaxVarint64Size bytes.
char* StoreVarint64(char* to, uint64_t value);

void PutVarint64(std::string* out, uint64_t value);
inline void PutVarint32(std::string* out, uint32_t value) { PutVarint64(out, value); }
void PutLengthPrefixed(std::string* out, std::string_view bytes);

// Bytes that PutVarint64 appends.
inline size_t VarintSize(uint64_t value) {
  return static_cast<size_t>(std::bit_width(value | 1) + 6) / 7;
}

// Maps small magnitudes of either sign to small values: 0, -1, 1, -2 … to 0, 1, 2, 3 …
inline uint64_t ZigzagEncode(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
inline int64_t ZigzagDecode(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}
inline void PutZigzag64(std::string* out, int64_t value) { PutVarint64(out, ZigzagEncode(value)); }

// A cursor over bytes that nobody vouches for. A read that would pass the end, or a varint that
// does not fit its type, returns false and moves nothing; its result is then unspecified.
//
// Views that are read point into the bytes given. Threads: externally synchronised.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool ReadByte(uint8_t* value) { return ReadFixed(value); }
  [[nodiscard]] bool ReadFixed32(uint32_t* value) { return ReadFixed(value); }
  [[nodiscard]] bool ReadFixed64(uint64_t* value) { return ReadFixed(value); }
  [[nodiscard]] bool ReadVarint32(uint32_t* value) {
    const std::string_view before = bytes_;
    uint64_t wide = 0;
    if (!ReadVarint64(&wide)) return false;
    *value = static_cast<uint32_t>(wide);
    if (*value == wide) return true;
    bytes_ = before;
    return false;
  }
  [[nodiscard]] bool ReadVarint64(uint64_t* value) {
    if (!bytes_.empty() && static_cast<uint8_t>(bytes_[0]) < 0x80) {
      *value = static_cast<uint8_t>(bytes_[0]);
      bytes_.remove_prefix(1);
      return true;
    }
    return ReadLongVarint(value);
  }
  [[nodiscard]] bool ReadZigzag64(int64_t* value) {
    uint64_t encoded = 0;
    if (!ReadVarint64(&encoded)) return false;
    *value = ZigzagDecode(encoded);
    return true;
  }
  [[nodiscard]] bool ReadBytes(size_t size, std::string_view* bytes) {
    if (size > bytes_.size()) return false;
    *bytes = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return true;
  }
  [[nodiscard]] bool ReadLengthPrefixed(std::string_view* bytes) {
    const std::string_view before = bytes_;
    uint64_t size = 0;
    if (ReadVarint64(&size) && ReadBytes(size, bytes)) return true;
    bytes_ = before;
    return false;
  }
  [[nodiscard]] bool Skip(size_t size) {
    if (size > bytes_.size()) return false;
    bytes_.remove_prefix(size);
    return true;
  }

  bool empty() const { return bytes_.empty(); }
  size_t remaining() const { return bytes_.size(); }
  // What has not been read.
  std::string_view rest() const { return bytes_; }

 private:
  template <typename T>
  bool ReadFixed(T* value) {
    if (bytes_.size() < sizeof(T)) return false;
    *value = LoadFixed<T>(bytes_.data());
    bytes_.remove_prefix(sizeof(T));
    return true;
  }
  bool ReadLongVarint(uint64_t* value);

  std::string_view bytes_;
};

}  // namespace skald
