#include "storage/model/label_name.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace skald {

bool IsPlainLabelName(std::string_view name) {
  const auto is_plain = [](char c) {
    return c == '_' || absl::ascii_isalnum(static_cast<unsigned char>(c));
  };
  return !name.empty() && !absl::ascii_isdigit(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(), is_plain);
}

}  // namespace skald
