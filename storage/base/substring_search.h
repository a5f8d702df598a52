// Finds a literal in bytes at memory speed.
//
// The kernel compares two bytes of the needle with 32 positions at once (AVX2; 16 with SSE2) and
// verifies the positions where both agree, so its speed does not depend on the needle's length.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace skald {

// The first position at or after `from` where `needle` begins, or npos. As std::string_view::find:
// an empty needle is found at `from` if from <= haystack.size().
size_t FindSubstring(std::string_view haystack, std::string_view needle, size_t from = 0);

enum class LetterCase { kExact, kIgnoreAscii };

// A needle prepared for many searches. With kIgnoreAscii the letters A-Z and a-z match each other;
// all other bytes only themselves.
//
// Threads: immutable.
class SubstringSearcher {
 public:
  explicit SubstringSearcher(std::string_view needle, LetterCase letter_case = LetterCase::kExact);

  // As FindSubstring, with the needle prepared.
  size_t Find(std::string_view haystack, size_t from = 0) const;
  bool Contains(std::string_view haystack) const {
    return Find(haystack) != std::string_view::npos;
  }

  // As Find, by the code for processors without AVX2; for tests.
  size_t FindPortably(std::string_view haystack, size_t from) const;

  // The needle; in lower case when case is ignored.
  const std::string& needle() const { return needle_; }
  LetterCase letter_case() const { return letter_case_; }

 private:
  std::string needle_;
  LetterCase letter_case_;
  // Positions of the two bytes of the needle that are compared first; one and the same for a needle
  // of one byte.
  size_t probe_a_ = 0;
  size_t probe_b_ = 0;
};

}  // namespace skald
