#include "storage/memtable/memtable_memory.h"

namespace skald::storage {

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
}

uint64_t MemtableMemory::Books::kept_bytes() const {
  MutexLock lock(&mutex_);
  return kept_bytes_;
}

}  // namespace skald::storage
