#include "storage/memtable/memtable.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "storage/memtable/row_metadata.h"

namespace skald::storage {
namespace {
// What a stream costs besides its rows: the object, its entries in maps, the label set it may be
// the last to hold.
constexpr uint64_t kStreamOverhead = 256;
}  // namespace

void MemStream::Append(const MemRow& row, Arena* arena) {
  if (row.time < min_time_.load(std::memory_order_relaxed)) {
    min_time_.store(row.time, std::memory_order_release);
  }
  if (row.time > max_time_.load(std::memory_order_relaxed)) {
    max_time_.store(row.time, std::memory_order_release);
  }
  line_bytes_.store(line_bytes_.load(std::memory_order_relaxed) + row.line_size,
                    std::memory_order_relaxed);
  metadata_bytes_.store(metadata_bytes_.load(std::memory_order_relaxed) + row.metadata_size,
                        std::memory_order_relaxed);
  rows_.Append(row, arena);
}

void Memtable::Insert(std::string_view tenant, LogPosition position,
                      std::span<const StreamRows> streams) {
  if (empty()) first_position_ = position;
  last_position_ = position;
  MemTenant* to = nullptr;
  uint64_t added = 0;
  for (const StreamRows& batch : streams) {
    if (batch.rows.empty()) continue;
    if (to == nullptr) to = FindOrAdd(tenant);
    MemStream* stream = FindOrAdd(to, batch.stream);
    for (const Row& row : batch.rows) stream->Append(CopyRow(row), &arena_);
    added += batch.rows.size();
  }
  rows_.store(rows() + added, std::memory_order_relaxed);
  bytes_.store(arena_.capacity() + stream_memory_, std::memory_order_relaxed);
}

MemRow Memtable::CopyRow(const Row& row) {
  const size_t metadata_size = RowMetadataSize(row);
  char* data = arena_.Allocate(row.line.size() + metadata_size + 1);
  if (!row.line.empty()) std::memcpy(data, row.line.data(), row.line.size());
  if (metadata_size > 0) {
    scratch_.clear();
    EncodeRowMetadata(row, &scratch_);
    std::memcpy(data + row.line.size(), scratch_.data(), metadata_size);
  }
  return {row.timestamp, data, static_cast<uint32_t>(row.line.size()),
          static_cast<uint32_t>(metadata_size)};
}

MemTenant* Memtable::FindOrAdd(std::string_view tenant) {
  MutexLock lock(&tenants_mutex_);
  auto found = tenants_.find(tenant);
  if (found == tenants_.end()) {
    found = tenants_.emplace(std::string(tenant), std::make_unique<MemTenant>()).first;
  }
  return found->second.get();
}

MemStream* Memtable::FindOrAdd(MemTenant* tenant, const StreamPtr& stream) {
  std::unique_ptr<MemStream>& entry = tenant->by_id_[stream->id];
  if (entry == nullptr) {
    entry = std::make_unique<MemStream>(stream);
    tenant->streams_.Append(entry.get(), &arena_);
    stream_memory_ += kStreamOverhead + 2 * stream->text.size();
    streams_.store(streams() + 1, std::memory_order_relaxed);
  }
  return entry.get();
}

const MemTenant* Memtable::Find(std::string_view tenant) const {
  MutexLock lock(&tenants_mutex_);
  const auto found = tenants_.find(tenant);
  return found == tenants_.end() ? nullptr : found->second.get();
}

std::vector<TenantId> Memtable::Tenants() const {
  MutexLock lock(&tenants_mutex_);
  std::vector<TenantId> result;
  for (const auto& [tenant, rows] : tenants_) result.push_back(tenant);
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace skald::storage
