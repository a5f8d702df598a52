#include "ingest/wire_reader.h"

namespace skald::ingest {

Status WireReader::Truncated() const {
  if (bytes_.remaining() >= kMaxVarint64Size) {
    const std::string_view rest = bytes_.rest();
    bool endless = true;
    for (size_t i = 0; i < kMaxVarint64Size; ++i) endless = endless && (rest[i] & 0x80) != 0;
    if (endless) return InvalidArgument("proto: integer overflow");
  }
  return InvalidArgument("unexpected EOF");
}

Status WireReader::IllegalTag() const {
  return InvalidArgument(StrCat("proto: ", message_, ": illegal tag ", field_, " (wire type ",
                                static_cast<int>(type_), ")"));
}

Status WireReader::WrongType(const char* name) const {
  return InvalidArgument(
      StrCat("proto: wrong wireType = ", static_cast<int>(type_), " for field ", name));
}

Status WireReader::SkipValue(WireType type) {
  uint64_t varint = 0;
  std::string_view bytes;
  bool read = false;
  switch (type) {
    case WireType::kVarint:
      read = bytes_.ReadVarint64(&varint);
      break;
    case WireType::kFixed64:
      read = bytes_.Skip(8);
      break;
    case WireType::kBytes:
      read = bytes_.ReadLengthPrefixed(&bytes);
      break;
    case WireType::kFixed32:
      read = bytes_.Skip(4);
      break;
    default:
      return InvalidArgument(StrCat("proto: illegal wireType ", static_cast<int>(type)));
  }
  return read ? absl::OkStatus() : Truncated();
}

Status WireReader::Skip() {
  if (type_ != WireType::kStartGroup) return SkipValue(type_);
  // Groups nest; a counter is all that has to be kept of them.
  for (uint64_t depth = 1; depth > 0;) {
    RETURN_IF_ERROR(ReadTag());
    if (type_ == WireType::kStartGroup) {
      ++depth;
    } else if (type_ == WireType::kEndGroup) {
      --depth;
    } else {
      RETURN_IF_ERROR(SkipValue(type_));
    }
  }
  return absl::OkStatus();
}

}  // namespace skald::ingest
