// Equality of texts that often are one text in one place, which takes no look at its bytes.
#pragma once

#include <string_view>

namespace skald {

inline bool SameText(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.data() == b.data() || a == b);
}

}  // namespace skald
