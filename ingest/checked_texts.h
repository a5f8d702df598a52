// What a check said of long texts, by their place: many entries of a push may have one text, of
// which each would have it checked again.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace skald::ingest {

// Of one check, and one push: texts must stay as they are until Clear().
// Threads: externally synchronised.
class CheckedTexts {
 public:
  // Shorter texts are checked as often as they come: remembering each would take more.
  static constexpr size_t kLong = 1024;

  // What `check`, which is a pure function of the text, says of it.
  template <typename Check>
  bool Passes(std::string_view text, Check check) {
    if (text.size() < kLong) return check(text);
    const auto [found, is_new] = passed_.try_emplace(Place(text.data(), text.size()), false);
    if (is_new) found->second = check(text);
    return found->second;
  }

  void Clear() { passed_.clear(); }

 private:
  using Place = std::pair<const char*, size_t>;
  absl::flat_hash_map<Place, bool> passed_;
};

}  // namespace skald::ingest
