// The fields of a log line whose format nobody has named: JSON if it is that, else logfmt.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/arena.h"
#include "storage/model/labels.h"

namespace skald::query {

struct LineField {
  std::string label;
  std::string_view value;              // lives in the line or the arena
  std::vector<std::string> json_path;  // empty for logfmt
};

struct LineFields {
  bool is_json = false;  // else logfmt, if anything
  std::vector<LineField> fields;
};

// Finds the fields of `line`. Labels are named as the json and logfmt stages name them; those that
// `stream` has get `_extracted` appended. Of equal labels the first stays.
LineFields FindLineFields(std::string_view line, std::span<const LabelView> stream, Arena* arena);

}  // namespace skald::query
