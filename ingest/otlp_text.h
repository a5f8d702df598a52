// The text of OpenTelemetry's AnyValue, as Go's pdata writes it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ingest/otlp_value.h"
#include "storage/base/memory_budget.h"
#include "storage/base/status.h"

namespace skald::ingest {

// Reused from value to value. Threads: externally synchronised.
class OtlpTextWriter {
 public:
  // What it holds is charged to `memory`, which must outlive it.
  explicit OtlpTextWriter(Reservation* memory) : memory_(memory) {}

  // Strings as they are, maps and arrays as compact JSON with sorted keys, bytes in base64, nothing
  // for an empty value. InvalidArgument when it nests too deep or is not a value. The view lives
  // until the next call.
  StatusOr<std::string_view> Write(const AnyValue& value);

 private:
  Status AppendJson(const AnyValue& value, int depth);
  Status AppendJsonArray(std::string_view message, int depth);
  Status AppendJsonMap(std::string_view message, int depth);
  // Puts the pairs of a map to the end of pairs_, sorted by key.
  Status CollectPairs(std::string_view message);
  Status AppendJsonString(std::string_view text);
  Status AppendBase64(std::string_view bytes);
  Status Append(std::string_view text);
  // Makes room for `bytes` more.
  Status Reserve(size_t bytes);

  Reservation* const memory_;
  std::string text_;
  std::vector<KeyValue> pairs_;  // of the maps that are being written, the innermost last
};

}  // namespace skald::ingest
