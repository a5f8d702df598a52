// `| json`: every field of a JSON object becomes a label, nested ones joined by `_` (logql.md 5.4).
#pragma once

#include <cstddef>
#include <string_view>

#include "query/stage/json_scan.h"
#include "query/stage/parsed_labels.h"
#include "query/stage/pipeline.h"

namespace skald::query {

// Objects nested deeper are malformed.
inline constexpr int kMaxJsonDepth = 128;

// Threads: externally synchronised.
class JsonParser : public Operator {
 public:
  explicit JsonParser(ParserHints hints) : labels_(std::move(hints)) {}

  Status Apply(Batch* batch) override;

 private:
  // Returns the complaint, empty if it was well. `done_`: the rest of the line does not matter.
  std::string_view ParseObject(std::string_view text, ParsedLabels::Key* prefix, int depth);
  void SetScalar(ParsedLabels::Key* key, const JsonValue& value);

  ParsedLabels labels_;
  bool done_ = false;
};

}  // namespace skald::query
