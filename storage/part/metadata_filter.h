// The metadata filter of a part: which blocks have no row with a given name and value of
// structured metadata.
//
// Per block a Bloom filter (bloom_filter.h) over the XXH3-64 hash of every pair that occurs: the
// name, varint-prefixed, and the value.
//
// Section: u32 blocks; per block varint bytes of the filter; then all filters' bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"

namespace skald::storage {

// Threads: externally synchronised.
class MetadataFilterBuilder {
 public:
  // Adds a pair of the open block.
  void Add(std::string_view name, std::string_view value);
  void FinishBlock();
  // Adds a block with the filter that it has in another part. REQUIRES: no pair was added since the
  // last block.
  void AddBlock(std::string_view filter);
  // Appends the section.
  void Finish(std::string* section) const;

 private:
  std::string scratch_;
  std::vector<uint64_t> hashes_;  // of the open block's pairs
  std::vector<std::string> blocks_;
};

// Threads: immutable.
class MetadataFilter {
 public:
  static StatusOr<std::unique_ptr<MetadataFilter>> Parse(std::string section);

  // False only if no row of the block has the pair. REQUIRES: block < blocks().
  bool MayContain(size_t block, std::string_view name, std::string_view value) const;

  uint32_t blocks() const { return static_cast<uint32_t>(filters_.size()); }
  // A block's filter.
  std::string_view filter(size_t block) const { return filters_[block]; }
  size_t charge() const { return bytes_.size() + filters_.size() * sizeof(std::string_view); }

 private:
  MetadataFilter() = default;

  std::string bytes_;
  std::vector<std::string_view> filters_;
};

}  // namespace skald::storage
