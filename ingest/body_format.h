// What a pushed body is: which message in which encoding. Kept with the body in the log.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/content_encoding.h"
#include "storage/base/status.h"

namespace skald::ingest {

// The endpoint that a push came to.
enum class PushPath : uint8_t {
  kLoki,    // /loki/api/v1/push
  kLegacy,  // /api/prom/push
  kOtlp,    // /otlp/v1/logs
};

// The values are part of the log's format.
enum class PushMessage : uint8_t {
  kProtobuf = 0,  // logproto.PushRequest in a snappy block
  kJson = 1,
  kLegacyJson = 2,
  kOtlpProtobuf = 3,
  kOtlpJson = 4,
};

struct BodyFormat {
  PushMessage message = PushMessage::kProtobuf;
  ContentEncoding encoding = ContentEncoding::kIdentity;

  bool operator==(const BodyFormat&) const = default;

  // One byte: the message in the low half, the encoding in the high half.
  uint8_t ToByte() const;
  static StatusOr<BodyFormat> FromByte(uint8_t byte);

  // What the headers of a push say. InvalidArgument with Loki's texts: `mime: no media type`,
  // `Content-Encoding "br" not supported`, `content type: text/plain is not supported`.
  static StatusOr<BodyFormat> FromHeaders(PushPath path, std::string_view content_type,
                                          std::string_view content_encoding);
};

}  // namespace skald::ingest
