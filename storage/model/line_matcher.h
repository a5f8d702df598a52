// A condition on the text of a line, in a form that storage can run over many lines at once.
//
// Queries implement it; storage runs it over whole pages of concatenated lines (candidates first,
// then the exact test on the lines they fall in) and prunes blocks by the literals it requires.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skald {

// Where a literal must occur.
enum class LiteralPlace : uint8_t {
  kLine,        // anywhere in the line's text
  kField,       // in a field of the line as it reads once escapes are decoded; ASCII letters and
                // digits only
  kWholeField,  // likewise, as all of a field that no letter or digit of the line touches
};

// A literal that a line must contain; `fold_case`: in any ASCII letter case.
struct RequiredLiteral {
  std::string text;
  bool fold_case = false;
  LiteralPlace place = LiteralPlace::kLine;
};
// Of every group at least one literal occurs in each matching line. Empty: nothing is known.
using RequiredLiterals = std::vector<std::vector<RequiredLiteral>>;

// Threads: immutable after construction.
class LineMatcher {
 public:
  virtual ~LineMatcher() = default;

  // True if the line satisfies the condition.
  virtual bool Matches(std::string_view line) const = 0;

  // A hit in concatenated lines. kNone: `offset` is npos.
  struct Candidate {
    size_t offset = std::string_view::npos;
    // Non-zero: a line that contains all of [offset, offset + proof_size) matches, no other test
    // is needed, and a line that contains only a part of it does not match through this hit.
    size_t proof_size = 0;
  };
  // The first place at or after `from` in `text`, many lines joined without separators, that could
  // belong to a matching line: no line that begins at or after `from` and ends at or before the
  // candidate's offset matches.
  virtual Candidate FindCandidate(std::string_view text, size_t from) const {
    (void)text;
    return {from, 0};
  }

  // False if FindCandidate is no better than testing every line, or if the empty line matches.
  virtual bool has_candidates() const { return false; }

  // For pruning; a superset test. Empty when nothing is required (negations, for example).
  virtual const RequiredLiterals& required() const = 0;
};

}  // namespace skald
