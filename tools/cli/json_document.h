// A parsed JSON text and lenient access to it: what is absent or of another type reads as empty.
#pragma once

#include <simdjson.h>

#include <string_view>

#include "storage/base/status.h"

namespace skald::cli {

// Owns what Parse returned. Threads: externally synchronised.
class JsonDocument {
 public:
  // InvalidArgument when `text` is no JSON.
  StatusOr<simdjson::dom::element> Parse(std::string_view text);

 private:
  simdjson::dom::parser parser_;
};

std::string_view TextOf(simdjson::dom::element value);
std::string_view TextOf(simdjson::simdjson_result<simdjson::dom::element> value);
// Booleans count as 0 and 1.
double NumberOf(simdjson::dom::element value);
double NumberOf(simdjson::simdjson_result<simdjson::dom::element> value);
// Whole numbers exactly; fractions are cut off.
int64_t IntegerOf(simdjson::simdjson_result<simdjson::dom::element> value);
// An iterable that is empty when `key` is absent.
simdjson::dom::array ArrayAt(simdjson::dom::element parent, std::string_view key);
simdjson::dom::object ObjectAt(simdjson::dom::element parent, std::string_view key);

}  // namespace skald::cli
