#include "storage/memtable/memtable_memory.h"

#include <algorithm>

namespace skald::storage {
namespace {

// How often a wait looks whether it was stopped.
constexpr std::chrono::milliseconds kStopPeriod{50};

}  // namespace

std::shared_ptr<Memtable> MemtableMemory::NewMemtable(uint64_t number,
                                                      int64_t created_monotonic_nanos) {
  auto memtable = std::make_unique<Memtable>(number, created_monotonic_nanos, chunks_);
  return {memtable.release(), [books = books_](Memtable* gone) {
            books->Remove(gone);
            delete gone;
          }};
}

void MemtableMemory::Retire(const Memtable& memtable) { books_->Add(&memtable, memtable.bytes()); }

void MemtableMemory::Books::Add(const Memtable* memtable, uint64_t bytes) {
  MutexLock lock(&mutex_);
  if (retired_.try_emplace(memtable, bytes).second) kept_bytes_ += bytes;
}

void MemtableMemory::Books::Remove(const Memtable* memtable) {
  MutexLock lock(&mutex_);
  const auto found = retired_.find(memtable);
  if (found == retired_.end()) return;
  kept_bytes_ -= found->second;
  retired_.erase(found);
  fewer_.NotifyAll();
}

Status MemtableMemory::Books::WaitForReaders(uint64_t most, std::chrono::nanoseconds patience,
                                             const StopToken* stop) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  MutexLock lock(&mutex_);
  while (kept_bytes_ > most) {
    if (stop != nullptr) RETURN_IF_ERROR(stop->Check());
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= left.zero()) {
      return Exhausted(StrCat("running queries keep too much memory, try again later: ",
                              kept_bytes_, " bytes of ", most));
    }
    fewer_.WaitFor(&mutex_, std::min<std::chrono::nanoseconds>(left, kStopPeriod));
  }
  return absl::OkStatus();
}

uint64_t MemtableMemory::Books::kept_bytes() const {
  MutexLock lock(&mutex_);
  return kept_bytes_;
}

}  // namespace skald::storage
