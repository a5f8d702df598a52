// Decodes Loki's JSON pushes.
//
//   v1      {"streams": [{"stream": {"app": "web"},
//                         "values": [["<ns>", "<line>", {"trace_id": "…"}], …]}, …]}
//   legacy  {"streams": [{"labels": "{app=\"web\"}",
//                         "entries": [{"ts": "<RFC 3339>", "line": "…",
//                                      "structuredMetadata": {…}}, …]}, …]}
#pragma once

#include <memory>

#include "ingest/body_buffer.h"
#include "ingest/push_batch.h"
#include "storage/base/memory_budget.h"
#include "storage/base/status.h"

namespace skald::ingest {

// Which shapes of a stream are understood; the keys of others are unknown and skipped.
enum class JsonShape { kV1, kV1AndLegacy };

// Threads: externally synchronised.
class JsonPushDecoder {
 public:
  JsonPushDecoder();
  ~JsonPushDecoder();

  // Fills `batch`. Its views point into the decoder and the batch; they live until the next call.
  // `body` gets padding and, if it had to be repaired, other content. InvalidArgument when it is
  // not such a push.
  Status Decode(BodyBuffer* body, JsonShape shape, Reservation* memory, PushBatch* batch);

  // Gives back a large working memory.
  void Shrink();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace skald::ingest
