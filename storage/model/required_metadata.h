// What structured metadata a row must have to satisfy a condition: for pruning.
#pragma once

#include <string>
#include <vector>

namespace skald {

// A name and a value that is not empty.
struct RequiredPair {
  std::string name;
  std::string value;
};
// Of every group a row has at least one pair, as metadata or as a label of its stream. Empty:
// nothing is known.
using RequiredMetadata = std::vector<std::vector<RequiredPair>>;

}  // namespace skald
