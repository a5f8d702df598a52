// Walks the members of one JSON object, strictly enough for `json` and `unpack` (logql.md 5.4):
// text behind the object is ignored and a comma before the closing brace is let pass.
#pragma once

#include <string_view>

#include "query/stage/json_scan.h"
#include "storage/base/arena.h"

namespace skald::query {

// Threads: externally synchronised.
class JsonMembers {
 public:
  // `text` is the object, white space around it allowed; unescaped keys go to the arena.
  JsonMembers(std::string_view text, Arena* arena) : text_(text), arena_(arena) {}

  // Reads a member: key() and value() are set. False at the end and at a mistake; complaint() is
  // then empty or not.
  bool Next();

  std::string_view key() const { return key_; }
  const JsonValue& value() const { return value_; }
  std::string_view complaint() const { return complaint_; }

 private:
  // Goes to what should be a key; false at the end.
  bool FindKey();
  std::string_view ReadKey();
  bool Stop(std::string_view complaint) {
    complaint_ = complaint;
    return false;
  }

  std::string_view text_;
  Arena* arena_;
  size_t pos_ = 0;
  bool started_ = false;
  std::string_view key_;
  JsonValue value_;
  std::string_view complaint_;
};

}  // namespace skald::query
