// Sets of dotted names in a compact notation, for Loki's some six thousand keys and flags.
//
//   ring{kvstore@kvstore num_tokens}    ring.kvstore…, ring.num_tokens
//   @kvstore{store prefix}              what @kvstore stands for; defined before it is used
//   enabled?                            a flag that needs no value
//   external_labels*                    anything may stand below it
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/strings.h"

namespace skald::config {

enum class NameKind { kUnknown, kSection, kValue, kSwitch, kAnything };

// Threads: immutable.
class NameTree {
 public:
  // REQUIRES: `text` is in the notation above; it is part of the program, and outlives the tree.
  explicit NameTree(std::string_view text);

  // What a dotted name is; a name that is both a value and a section is a value.
  NameKind Find(std::string_view name) const;

  // Every name but sections, in the order written.
  void ForEach(const std::function<void(std::string_view name, NameKind kind)>& visit) const;

 private:
  struct Section;
  struct Entry {
    std::string_view name;
    NameKind kind;
    std::shared_ptr<const Section> section;  // of a kSection
  };
  struct Section {
    std::vector<Entry> entries;
  };
  class Parser;

  static void Visit(const Section& section, const std::string& prefix,
                    const std::function<void(std::string_view, NameKind)>& visit);

  Section root_;
};

}  // namespace skald::config
