// A log line cut into words and the gaps between them, for finding patterns.
//
// Lines have the same shape when their gaps are equal, byte for byte, and so are the words that are
// keys (`level=`, `"level":`). Only lines of one shape can share a pattern.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace skald::query {

struct LineWord {
  std::string_view text;
  uint64_t hash = 0;
  // Has a digit: likely to be another one in the next line.
  bool has_digit = false;
  // Part of the shape, as what stands before `=`.
  bool is_key = false;
};

// Threads: externally synchronised; reused from line to line. Views point into the line.
struct LineWords {
  // gaps[i] stands before words[i], the last one after all words; the outer ones may be empty.
  std::vector<LineWord> words;
  std::vector<std::string_view> gaps;
  uint64_t shape = 0;
  // The line goes on beyond what was cut.
  bool cut = false;
};

// Cuts a line, at most kMaxLineWords words of it.
inline constexpr size_t kMaxLineWords = 80;
void CutLine(std::string_view line, LineWords* out);

}  // namespace skald::query
