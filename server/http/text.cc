#include "server/http/text.h"

#include <algorithm>
#include <utility>

namespace skald::http {

size_t Text::size() const {
  size_t bytes = 0;
  for (const std::string& piece : pieces_) bytes += piece.size();
  return bytes;
}

std::string Text::ToString() const {
  std::string all;
  all.reserve(size());
  for (const std::string& piece : pieces_) all += piece;
  return all;
}

std::string Text::TakePiece(size_t index) {
  std::string piece = std::exchange(pieces_[index], std::string());
  memory_.Shrink(std::min<uint64_t>(memory_.bytes(), piece.capacity()));
  return piece;
}

void Text::BeginPiece() {
  if (status_.ok() && !pieces_.empty()) status_ = memory_.Grow(pieces_.back().capacity());
  if (!status_.ok()) {
    pieces_.clear();
    memory_.Release();
  }
  const bool first = pieces_.empty();
  pieces_.emplace_back();
  if (!first) pieces_.back().reserve(kPieceBytes + kPieceBytes / 4);
}

}  // namespace skald::http
