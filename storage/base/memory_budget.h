// The memory limit of the process, split among its users, and reservations taken from it.
//
// Nothing is allocated through a budget; whoever is about to hold bytes reserves them first, and a
// refusal becomes a clear error instead of growth.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "storage/base/status.h"

namespace skald {

// Threads: thread-safe. Must outlive every reservation taken from it.
class MemoryBudget {
 public:
  // `name` is what an error calls the budget. Its parents, if any, are charged as well.
  MemoryBudget(std::string name, uint64_t limit, MemoryBudget* parent = nullptr,
               MemoryBudget* other_parent = nullptr)
      : name_(std::move(name)), limit_(limit), parents_{parent, other_parent} {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  // Takes `bytes`, or returns ResourceExhausted and takes nothing.
  Status Take(uint64_t bytes);
  void Give(uint64_t bytes);
  // Leaves `bytes` of what was taken to the first parent alone, to which they must be given back,
  // and returns it; null if there is none.
  MemoryBudget* GiveToParent(uint64_t bytes);

  uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  uint64_t limit() const { return limit_; }
  // Whether this or one above has ever refused to be taken from.
  bool refused() const { return refused_.load(std::memory_order_relaxed); }
  // The most that can ever be taken: the least limit of this and of all above.
  uint64_t capacity() const;
  const std::string& name() const { return name_; }

 private:
  Status TakeAll(uint64_t bytes);
  // Of this alone.
  Status Count(uint64_t bytes);
  // Of this and the second parent.
  void Uncount(uint64_t bytes);

  const std::string name_;
  const uint64_t limit_;
  const std::array<MemoryBudget*, 2> parents_;  // null: none
  std::atomic<uint64_t> used_{0};
  std::atomic<bool> refused_{false};
};

// Bytes taken from a budget, given back when this goes. Threads: externally synchronised.
class Reservation {
 public:
  Reservation() = default;
  explicit Reservation(MemoryBudget* budget) : budget_(budget) {}
  Reservation(Reservation&& other) noexcept
      : budget_(other.budget_), bytes_(std::exchange(other.bytes_, 0)) {}
  Reservation& operator=(Reservation&& other) noexcept {
    if (this != &other) {
      Release();
      budget_ = other.budget_;
      bytes_ = std::exchange(other.bytes_, 0);
    }
    return *this;
  }
  ~Reservation() { Release(); }

  // Takes `bytes` more. Without a budget it always succeeds.
  Status Grow(uint64_t bytes) {
    Status taken = budget_ == nullptr ? absl::OkStatus() : budget_->Take(bytes);
    (taken.ok() ? bytes_ : refused_) = bytes_ + bytes;
    return taken;
  }
  // Gives `bytes` back. REQUIRES: no more than bytes().
  void Shrink(uint64_t bytes) {
    if (budget_ != nullptr && bytes > 0) budget_->Give(bytes);
    bytes_ -= bytes;
  }
  void Release() { Shrink(bytes_); }
  // Has the first parent of the budget hold the bytes, so that the budget need not live on.
  void MoveToParent() {
    if (budget_ != nullptr) budget_ = budget_->GiveToParent(bytes_);
  }
  uint64_t bytes() const { return bytes_; }
  // What bytes() would be, had the last refusal not been one; 0: nothing was refused.
  uint64_t refused() const { return refused_; }

 private:
  MemoryBudget* budget_ = nullptr;
  uint64_t bytes_ = 0;
  uint64_t refused_ = 0;
};

}  // namespace skald
