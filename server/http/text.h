// Text of any length as a list of pieces, so that a large answer needs no large block.
//
// Pieces are charged to a memory budget as they are begun. Once the budget refuses, what was
// written is dropped, and again whatever comes after it: writers need not look at every step, but
// whoever sends the text must look at status().
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/memory_budget.h"
#include "storage/base/status.h"

namespace skald::http {

// Threads: externally synchronised. Movable.
class Text {
 public:
  static constexpr size_t kPieceBytes = 64 << 10;

  // Without a budget nothing is charged.
  explicit Text(MemoryBudget* budget = nullptr) : memory_(budget) {}
  Text(std::string_view text) { Append(text); }  // NOLINT: a short text is a text
  Text(const char* text) : Text(std::string_view(text)) {}

  void Append(std::string_view text) { Tail()->append(text); }

  // The string to append to next; it stays valid until the next call. What is appended to it may be
  // of any size, so callers ask again after every bounded piece of work.
  std::string* Tail() {
    if (pieces_.empty() || pieces_.back().size() >= kPieceBytes) BeginPiece();
    return &pieces_.back();
  }

  const std::vector<std::string>& pieces() const { return pieces_; }
  size_t size() const;
  bool empty() const { return size() == 0; }
  std::string ToString() const;

  // Takes a piece out, and gives back what was charged for it. The text shall not be appended to or
  // looked at any more, but for pieces not taken.
  std::string TakePiece(size_t index);

  // Has the budget's parent hold what was charged, so that the budget need not live on.
  // REQUIRES: nothing is appended any more.
  void MoveChargeToParent() { memory_.MoveToParent(); }

  // ResourceExhausted once the budget has refused.
  const Status& status() const { return status_; }

 private:
  void BeginPiece();

  std::vector<std::string> pieces_;
  Reservation memory_;
  Status status_;
};

}  // namespace skald::http
