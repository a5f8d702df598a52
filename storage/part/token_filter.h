// The id filter of a part: which blocks cannot contain a trace id and the like.
//
// 4-grams cannot tell hexadecimal ids apart: there are only 65,536 hexadecimal 4-grams. So each
// block also has a Bloom filter over its id-like tokens: maximal runs of at least kMinTokenBytes
// ASCII letters and digits, one digit among them, letters folded to lower case.
//
// A run of the needle that is bounded on both sides within the needle is a whole token of the text.
// The needle's first and last run may be cut from a longer token; they are only looked up where the
// block has no token longer than the run.
//
// Section: u32 blocks; per block: varint longest token, varint bytes of the filter; then all
// filters' bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/row_set.h"
#include "storage/base/status.h"
#include "storage/model/line_matcher.h"

namespace skald::storage {

inline constexpr size_t kMinTokenBytes = 12;

// Threads: externally synchronised.
class TokenFilterBuilder {
 public:
  // Adds a line of the open block.
  void AddLine(std::string_view line);
  void FinishBlock();
  // Adds a block with the filter that it has in another part. REQUIRES: no line was added since the
  // last block.
  void AddBlock(size_t longest_token, std::string_view filter);
  // Appends the section.
  void Finish(std::string* section) const;

 private:
  std::vector<uint64_t> hashes_;  // of the open block's tokens
  size_t longest_ = 0;
  std::vector<std::pair<size_t, std::string>> blocks_;  // longest token, filter
};

// Threads: immutable.
class TokenFilter {
 public:
  static StatusOr<std::unique_ptr<TokenFilter>> Parse(std::string section);

  // Removes from `blocks` those in which no line can contain the literal. For literals that ignore
  // case, `special_folding(block)` says whether runes outside ASCII may stand for letters there.
  template <typename SpecialFolding>
  void Prune(const RequiredLiteral& literal, SpecialFolding special_folding, RowSet* blocks) const {
    const std::vector<Run> runs = RunsOf(literal);
    if (runs.empty()) return;
    blocks->ForEach([&](uint32_t block) {
      if (literal.fold_case && special_folding(block)) return;
      if (!MayContain(block, runs)) blocks->Remove(block);
    });
  }

  // A block's filter, and the size of its longest token; 0: it has none.
  std::string_view filter(size_t block) const { return filters_[block].bits; }
  size_t longest_token(size_t block) const { return filters_[block].longest; }
  uint32_t blocks() const { return static_cast<uint32_t>(filters_.size()); }
  size_t charge() const { return bytes_.size() + filters_.size() * sizeof(Filter); }

 private:
  // An id-like run of a needle.
  struct Run {
    uint64_t hash;
    size_t size;
    bool whole;  // bounded on both sides
  };
  struct Filter {
    size_t longest;
    std::string_view bits;
  };
  TokenFilter() = default;
  static std::vector<Run> RunsOf(const RequiredLiteral& literal);
  bool MayContain(uint32_t block, const std::vector<Run>& runs) const;

  std::string bytes_;
  std::vector<Filter> filters_;
};

}  // namespace skald::storage
