// Decodes Loki's protobuf push, logproto.PushRequest, by walking the wire format in place:
//
//   PushRequest { repeated Stream streams = 1; }
//   Stream      { string labels = 1; repeated Entry entries = 2; }
//   Entry       { Timestamp timestamp = 1; string line = 2; repeated LabelPair metadata = 3; }
//   Timestamp   { int64 seconds = 1; int32 nanos = 2; }
//   LabelPair   { string name = 1; string value = 2; }
#pragma once

#include <string_view>

#include "ingest/push_batch.h"
#include "storage/base/status.h"

namespace skald::ingest {

// Fills `batch` with views into `message`. InvalidArgument with the text of Go's generated code
// (`unexpected EOF`, `proto: wrong wireType = 0 for field Streams`).
Status DecodeProtobufPush(std::string_view message, PushBatch* batch);

}  // namespace skald::ingest
