// Finds the end of a request's head, and refuses what two servers may read in two ways.
//
// The parser behind it takes some liberties that the standard grants for the sake of old clients:
// folded headers, for one. A proxy in front may see another message in such bytes than the server
// does, and a second request can hide in the difference; so a head has lines that end with CRLF, no
// stray control characters, no folding, and not too many lines, nor too long ones.
#pragma once

#include <cstddef>
#include <string_view>

namespace skald::http {

// Threads: externally synchronised.
class HeadScanner {
 public:
  enum class State {
    kMore,  // the head is not complete yet
    kDone,
    kMalformed,
    kTooLarge,  // too many lines, or a field too long
  };

  // A field's line may be as long, in bytes: the parser keeps lengths of names and values in 16
  // bits.
  static constexpr size_t kMaxFieldBytes = 65'000;

  explicit HeadScanner(size_t max_lines) : max_lines_(max_lines) {}

  // Looks at a head of which everything so far stands in `bytes`, from the start: what was there
  // at the call before is not looked at again. Once it is not kMore the state stays.
  State Scan(std::string_view bytes);

  // Bytes of the head with its empty line. REQUIRES: the state is kDone.
  size_t size() const { return position_; }
  size_t lines() const { return lines_; }

 private:
  State ScanByte(char byte);
  State EndLine();

  const size_t max_lines_;
  size_t position_ = 0;
  size_t line_begin_ = 0;
  size_t lines_ = 0;
  char last_ = 0;
  State state_ = State::kMore;
};

}  // namespace skald::http
