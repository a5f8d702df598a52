// Reads the protobuf wire format in place: tags, varints, fixed values and views of
// length-delimited fields. Error texts are those of Go's generated code, which agents' operators
// know.
#pragma once

#include <cstdint>
#include <string_view>

#include "storage/base/coding.h"
#include "storage/base/status.h"

namespace skald::ingest {

enum class WireType : uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kBytes = 2,
  kStartGroup = 3,
  kEndGroup = 4,
  kFixed32 = 5,
};

// A cursor over the fields of one message. Nothing nests in it: a sub-message is a bytes field to
// be read by another reader. Threads: externally synchronised.
class WireReader {
 public:
  // `message` is what errors call the message.
  WireReader(std::string_view bytes, const char* message) : bytes_(bytes), message_(message) {}

  bool AtEnd() const { return bytes_.empty(); }

  // Reads the next field's tag. REQUIRES: !AtEnd().
  Status ReadTag() {
    uint64_t tag = 0;
    if (!bytes_.ReadVarint64(&tag)) return Truncated();
    field_ = static_cast<uint32_t>(tag >> 3);
    type_ = static_cast<WireType>(tag & 7);
    return field_ == 0 || tag >> 32 != 0 ? IllegalTag() : absl::OkStatus();
  }
  uint32_t field() const { return field_; }
  WireType type() const { return type_; }

  // Read the value of the current field, which must be of that wire type; `name` is what the error
  // calls the field.
  Status ReadVarint(const char* name, uint64_t* value) {
    if (type_ != WireType::kVarint) return WrongType(name);
    return bytes_.ReadVarint64(value) ? absl::OkStatus() : Truncated();
  }
  Status ReadFixed64(const char* name, uint64_t* value) {
    if (type_ != WireType::kFixed64) return WrongType(name);
    return bytes_.ReadFixed64(value) ? absl::OkStatus() : Truncated();
  }
  Status ReadFixed32(const char* name, uint32_t* value) {
    if (type_ != WireType::kFixed32) return WrongType(name);
    return bytes_.ReadFixed32(value) ? absl::OkStatus() : Truncated();
  }
  Status ReadBytes(const char* name, std::string_view* value) {
    if (type_ != WireType::kBytes) return WrongType(name);
    return bytes_.ReadLengthPrefixed(value) ? absl::OkStatus() : Truncated();
  }
  // Skips the value of the current field; of a group, everything up to its end.
  Status Skip();

 private:
  Status SkipValue(WireType type);
  // The error of a value that could not be read: cut off, or a varint of more than 64 bits.
  Status Truncated() const;
  Status IllegalTag() const;
  Status WrongType(const char* name) const;

  ByteReader bytes_;
  const char* message_;
  uint32_t field_ = 0;
  WireType type_ = WireType::kVarint;
};

}  // namespace skald::ingest
