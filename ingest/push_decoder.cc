#include "ingest/push_decoder.h"

#include "ingest/otlp.h"
#include "ingest/push_protobuf.h"

namespace skald::ingest {

StatusOr<std::string_view> PushDecoder::Unwrap(const PushBody& body) {
  if (body.format.encoding == ContentEncoding::kIdentity) return body.bytes;
  RETURN_IF_ERROR(DecodeContent(body.format.encoding, body.bytes, &content_));
  return content_.view();
}

Status PushDecoder::Decode(const PushBody& body, const OtlpMapping& otlp, uint64_t limit,
                           Reservation* memory, PushBatch* batch) {
  content_.Reset(memory, limit);
  message_.Reset(memory, limit);
  batch->Reset(memory);
  switch (body.format.message) {
    case PushMessage::kProtobuf: {
      ASSIGN_OR_RETURN(const std::string_view block, Unwrap(body));
      RETURN_IF_ERROR(DecodeSnappyBlock(block, &message_));
      return DecodeProtobufPush(message_.view(), batch);
    }
    case PushMessage::kJson:
      RETURN_IF_ERROR(DecodeContent(body.format.encoding, body.bytes, &content_));
      return json_.Decode(&content_, JsonShape::kV1, memory, batch);
    case PushMessage::kLegacyJson:
      RETURN_IF_ERROR(DecodeContent(body.format.encoding, body.bytes, &content_));
      return json_.Decode(&content_, JsonShape::kV1AndLegacy, memory, batch);
    case PushMessage::kOtlpProtobuf: {
      ASSIGN_OR_RETURN(const std::string_view message, Unwrap(body));
      return DecodeOtlp(message, otlp, body.receive_time, batch);
    }
    case PushMessage::kOtlpJson: {
      RETURN_IF_ERROR(DecodeContent(body.format.encoding, body.bytes, &content_));
      ASSIGN_OR_RETURN(const std::string_view message, otlp_json_.Transcode(&content_, memory));
      return DecodeOtlp(message, otlp, body.receive_time, batch);
    }
  }
  return Internal("unknown push message");
}

void PushDecoder::Shrink() {
  content_.Shrink();
  message_.Shrink();
  json_.Shrink();
  otlp_json_.Shrink();
}

}  // namespace skald::ingest
