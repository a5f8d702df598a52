// Fields of lines, as far as an encoding holds them apart from the text: what queries ask for, and
// what storage answers. A parser then reads the text of those rows alone that were not answered.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/base/row_set.h"
#include "storage/model/column.h"

namespace skald {

// How lines are cut into fields.
enum class FieldSyntax : uint8_t {
  kJson,    // the scalar members of an object and of the objects in it, by their keys joined by `_`
  kLogfmt,  // key=value pairs; a pair without a value is no field
};

// The fields that `| json` or `| logfmt` is to make into labels, by the labels' names: keys in
// which every character that no label has became `_`.
struct FieldRequest {
  FieldSyntax syntax = FieldSyntax::kJson;
  std::vector<std::string> names;  // unique
};

// The answer about some rows.
struct FieldColumns {
  // columns[k]: the text of names[k] in every row; absent where the line has no such field. Of
  // several fields of one name it is the first's; strings are unescaped, and valid UTF-8.
  std::vector<StringColumn> columns;
  // The rows whose cells are right: of them the whole line is known to be well-formed.
  RowSet answered;
};

}  // namespace skald
