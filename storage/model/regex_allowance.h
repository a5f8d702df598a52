// Bounds the regexes of one query together: a short text can ask for programs that take minutes to
// compile, and nothing interrupts a compilation.
#pragma once

#include "storage/base/status.h"

namespace skald {

// Instructions of RE2's programs, each of which takes about a microsecond to compile. Plain text
// and usual classes take about one a byte, and line filters are compiled twice; only counted
// repetitions of large classes come to more than that for the longest query.
inline constexpr int kMaxRegexInstructions = 500'000;

// While one lives, its thread compiles Go regexes of kMaxRegexInstructions in all and no more. Of
// several at once the first counts.
class RegexAllowance {
 public:
  RegexAllowance();
  ~RegexAllowance();
  RegexAllowance(const RegexAllowance&) = delete;
  RegexAllowance& operator=(const RegexAllowance&) = delete;

  // Counts a program of this thread. InvalidArgument "error parsing regexp: …" when it is one too
  // many; always OK where no allowance lives.
  static Status Take(int instructions);

 private:
  int left_ = kMaxRegexInstructions;
};

}  // namespace skald
