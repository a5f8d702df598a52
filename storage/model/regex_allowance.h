// Bounds the regexes of one query together: a short text can ask for programs that take minutes to
// compile, which nothing interrupts, and for as many of them as fill the memory with what RE2 keeps
// of each while it runs.
#pragma once

#include <cstdint>

#include "storage/base/status.h"
#include "storage/base/units.h"

namespace skald {

// Instructions of RE2's programs, each of which takes about a microsecond to compile. Plain text
// and usual classes take about one a byte, and line filters are compiled twice; only counted
// repetitions of large classes come to more than that for the longest query.
inline constexpr int kMaxRegexInstructions = 500'000;
// The least that one counts for, small as it may be.
inline constexpr int kLeastRegexInstructions = 500;

// What RE2 may use for one program, and for all of a query as long as each has the least. A third
// of it holds states of the automaton, which are made while texts are matched.
inline constexpr int64_t kMaxProgramBytes = 8_MiB;
inline constexpr int64_t kMaxProgramBytesTogether = 48_MiB;
inline constexpr int64_t kLeastProgramBytes = 192_KiB;

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
  // The bytes that this thread's next program may use: a quarter of what those before left, within
  // the bounds above. kMaxProgramBytes where no allowance lives.
  static int64_t TakeBytes();

 private:
  int left_ = kMaxRegexInstructions;
  int64_t bytes_left_ = kMaxProgramBytesTogether;
};

}  // namespace skald
