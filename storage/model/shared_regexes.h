// Large compiled regexes that are in use, so that the workers of a query share one instead of
// compiling it once each.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "re2/re2.h"
#include "storage/base/guarded.h"

namespace skald {

// Keeps no regex alive. Threads: thread-safe.
class SharedRegexes {
 public:
  // The regex that was added for the key; null when nobody uses it any more.
  std::shared_ptr<const RE2> Find(const std::string& key);
  void Add(const std::string& key, const std::shared_ptr<const RE2>& regex);

 private:
  Guarded<absl::flat_hash_map<std::string, std::weak_ptr<const RE2>>> regexes_;
};

}  // namespace skald
