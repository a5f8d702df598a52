// Turns OpenTelemetry's JSON form of ExportLogsServiceRequest into the protobuf form, so that
// everything after it has one form to deal with.
#pragma once

#include <memory>
#include <string_view>

#include "ingest/body_buffer.h"
#include "storage/base/memory_budget.h"
#include "storage/base/status.h"

namespace skald::ingest {

// Understands lowerCamelCase and proto field names, trace and span ids in hex, 64-bit integers as
// strings or numbers, bytes in base64; skips unknown fields.
//
// Threads: externally synchronised.
class OtlpJsonTranscoder {
 public:
  OtlpJsonTranscoder();
  ~OtlpJsonTranscoder();

  // Returns the protobuf form of the JSON in `body`, which gets padding; the view lives until the
  // next call. InvalidArgument when it is not such a message.
  StatusOr<std::string_view> Transcode(BodyBuffer* body, Reservation* memory);

  // Gives back large buffers.
  void Shrink();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace skald::ingest
