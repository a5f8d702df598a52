// Writes JSON text front to back, as Go's encoders do: no tree, no spaces.
//
//   JsonWriter json(&text);
//   json.BeginObject();
//   json.Key("status");
//   json.String("success");
//   json.EndObject();
#pragma once

#include <cstdint>
#include <string_view>

#include "server/http/text.h"

namespace skald::http {

enum class JsonEscape {
  kPlain,  // quotes, backslashes, control characters
  kHtml,   // also < > & and the line separators U+2028 and U+2029
};

// Appends `value` in double quotes. Bytes that are not UTF-8 become U+FFFD.
void AppendJsonString(std::string* out, std::string_view value,
                      JsonEscape escape = JsonEscape::kPlain);

// Appends a time as seconds with up to three decimals; what lies below a millisecond is dropped.
void AppendJsonSeconds(std::string* out, int64_t nanos);

// Puts the commas; the caller keeps objects, arrays, keys and values in order.
// Threads: externally synchronised.
class JsonWriter {
 public:
  explicit JsonWriter(Text* text) : text_(text) {}

  void BeginObject() { Open('{'); }
  void EndObject() { Close('}'); }
  void BeginArray() { Open('['); }
  void EndArray() { Close(']'); }

  void Key(std::string_view name, JsonEscape escape = JsonEscape::kPlain);

  void String(std::string_view value, JsonEscape escape = JsonEscape::kPlain);
  void Integer(int64_t value);
  void Unsigned(uint64_t value);
  // The shortest digits that read back, never with an exponent. REQUIRES: finite.
  void Double(double value);
  // The same as a string; NaN, +Inf and -Inf have names.
  void DoubleString(double value);
  // A decimal integer as a string.
  void IntegerString(int64_t value);
  // A point in time as seconds.
  void Seconds(int64_t nanos);
  void Bool(bool value);
  void Null();

 private:
  // The string to append the next value to, its comma written.
  std::string* Value();
  void Open(char bracket);
  void Close(char bracket);

  Text* const text_;
  bool comma_ = false;  // the next value or key needs one before it
};

}  // namespace skald::http
