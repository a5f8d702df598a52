#include "server/http/head_scanner.h"

namespace skald::http {
namespace {

bool IsControl(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  return (code < 0x20 && byte != '\t') || code == 0x7f;
}

}  // namespace

HeadScanner::State HeadScanner::Scan(std::string_view bytes) {
  while (state_ == State::kMore && position_ < bytes.size()) {
    state_ = ScanByte(bytes[position_]);
  }
  return state_;
}

HeadScanner::State HeadScanner::ScanByte(char byte) {
  const bool line_begins = position_ == line_begin_;
  ++position_;
  if (last_ == '\r') {
    last_ = byte;
    return byte == '\n' ? EndLine() : State::kMalformed;
  }
  last_ = byte;
  if (byte == '\r') return State::kMore;
  if (IsControl(byte)) return State::kMalformed;
  if (line_begins && (byte == ' ' || byte == '\t')) return State::kMalformed;  // folded
  const bool too_long = lines_ > 0 && position_ - line_begin_ > kMaxFieldBytes;
  return too_long ? State::kTooLarge : State::kMore;
}

HeadScanner::State HeadScanner::EndLine() {
  const bool empty = position_ == line_begin_ + 2;
  line_begin_ = position_;
  if (empty) return lines_ > 0 ? State::kDone : State::kMalformed;
  return ++lines_ > max_lines_ ? State::kTooLarge : State::kMore;
}

}  // namespace skald::http
