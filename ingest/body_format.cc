#include "ingest/body_format.h"

#include <cstddef>

#include "storage/base/ascii.h"

namespace skald::ingest {
namespace {

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// The media type without its parameters.
std::string_view MediaType(std::string_view content_type) {
  return Trim(content_type.substr(0, content_type.find(';')));
}

StatusOr<ContentEncoding> LokiEncoding(std::string_view name) {
  // snappy is what the protobuf message is in anyway; on JSON it says nothing.
  if (name.empty() || name == "snappy") return ContentEncoding::kIdentity;
  if (name == "gzip") return ContentEncoding::kGzip;
  if (name == "deflate") return ContentEncoding::kDeflate;
  return InvalidArgument(StrCat("Content-Encoding \"", name, "\" not supported"));
}

StatusOr<ContentEncoding> OtlpEncoding(std::string_view name) {
  if (name.empty()) return ContentEncoding::kIdentity;
  if (name == "gzip") return ContentEncoding::kGzip;
  if (name == "zstd") return ContentEncoding::kZstd;
  if (name == "lz4") return ContentEncoding::kLz4;
  return InvalidArgument(
      StrCat("unsupported content encoding ", name, ": only gzip, lz4 and zstd are supported"));
}

StatusOr<PushMessage> LokiMessage(PushPath path, std::string_view content_type) {
  const std::string_view type = MediaType(content_type);
  if (type.empty()) return InvalidArgument("mime: no media type");
  if (!EqualsIgnoreCase(type, "application/json")) return PushMessage::kProtobuf;
  return path == PushPath::kLegacy ? PushMessage::kLegacyJson : PushMessage::kJson;
}

StatusOr<PushMessage> OtlpMessage(std::string_view content_type) {
  const std::string_view type = MediaType(content_type);
  if (EqualsIgnoreCase(type, "application/x-protobuf")) return PushMessage::kOtlpProtobuf;
  if (EqualsIgnoreCase(type, "application/json")) return PushMessage::kOtlpJson;
  return InvalidArgument(StrCat("content type: ", content_type, " is not supported"));
}

}  // namespace

uint8_t BodyFormat::ToByte() const {
  return static_cast<uint8_t>(static_cast<uint8_t>(message) | static_cast<uint8_t>(encoding) << 4);
}

StatusOr<BodyFormat> BodyFormat::FromByte(uint8_t byte) {
  const auto message = static_cast<PushMessage>(byte & 0x0f);
  const auto encoding = static_cast<ContentEncoding>(byte >> 4);
  if (message > PushMessage::kOtlpJson || encoding > ContentEncoding::kLz4) {
    return DataLoss("push of an unknown format");
  }
  return BodyFormat{message, encoding};
}

StatusOr<BodyFormat> BodyFormat::FromHeaders(PushPath path, std::string_view content_type,
                                             std::string_view content_encoding) {
  BodyFormat format;
  if (path == PushPath::kOtlp) {
    ASSIGN_OR_RETURN(format.message, OtlpMessage(content_type));
    ASSIGN_OR_RETURN(format.encoding, OtlpEncoding(content_encoding));
  } else {
    ASSIGN_OR_RETURN(format.message, LokiMessage(path, content_type));
    ASSIGN_OR_RETURN(format.encoding, LokiEncoding(content_encoding));
  }
  return format;
}

}  // namespace skald::ingest
