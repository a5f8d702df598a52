// From a body as it came, or as the log kept it, to a batch.
#pragma once

#include <cstdint>
#include <string_view>

#include "ingest/body_buffer.h"
#include "ingest/body_format.h"
#include "ingest/otlp_json.h"
#include "ingest/otlp_mapping.h"
#include "ingest/push_batch.h"
#include "ingest/push_json.h"
#include "storage/base/memory_budget.h"
#include "storage/base/status.h"

namespace skald::ingest {

struct PushBody {
  BodyFormat format;
  std::string_view bytes;
  int64_t receive_time = 0;  // wall nanoseconds: the time of records that have none
};

// Owns the buffers that a batch points into. Threads: externally synchronised.
class PushDecoder {
 public:
  // Fills `batch` with views into `body` and this decoder; they live until the next call. No
  // buffer grows past `limit` bytes, and all are charged to `memory`.
  Status Decode(const PushBody& body, const OtlpMapping& otlp, uint64_t limit, Reservation* memory,
                PushBatch* batch);

  // Gives back large buffers.
  void Shrink();

 private:
  // Undoes the encoding; without one the body is not copied.
  StatusOr<std::string_view> Unwrap(const PushBody& body);

  BodyBuffer content_;  // without its encoding
  BodyBuffer message_;  // out of its snappy block
  JsonPushDecoder json_;
  OtlpJsonTranscoder otlp_json_;
};

}  // namespace skald::ingest
