#include "storage/memtable/memtable.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "storage/base/same_text.h"
#include "storage/memtable/row_metadata.h"

namespace skald::storage {
namespace {
// A place in the map of streams: key, pointer, control byte.
constexpr uint64_t kMapSlotBytes = sizeof(StreamId) + sizeof(void*) + 1;
// A stream in the arena, the head of its first chunk of rows included.
constexpr uint64_t kStreamBytes = sizeof(MemStream) + 2 * sizeof(void*);
// So many streams ahead, memory is asked for: in a push of many streams each is a miss of the
// processor's caches, or several.
constexpr size_t kAhead = 8;
constexpr size_t kCacheLine = 64;
}  // namespace

MemTenant::~MemTenant() {
  streams_.ForEach(streams_.size(), [](const MemStream* stream) { stream->~MemStream(); });
}

// Nothing is changed before all memory is there.
void MemStream::Append(const MemRow& row, PooledArena* arena) {
  const MemRow* const before = rows_.last();
  const uint64_t volume =
      RowMetadataVolume(row.metadata(), before == nullptr ? "" : before->metadata());
  rows_.Reserve(arena);
  if (row.time < min_time_.load(std::memory_order_relaxed)) {
    min_time_.store(row.time, std::memory_order_release);
  }
  if (row.time > max_time_.load(std::memory_order_relaxed)) {
    max_time_.store(row.time, std::memory_order_release);
  }
  line_bytes_.store(line_bytes_.load(std::memory_order_relaxed) + row.line_size,
                    std::memory_order_relaxed);
  metadata_bytes_.store(metadata_bytes_.load(std::memory_order_relaxed) + volume,
                        std::memory_order_relaxed);
  rows_.Append(row, arena);
}

void MemStream::Prefetch(size_t step) const {
  if (step == 0) {
    rows_.PrefetchChunk(0);
    __builtin_prefetch(stream_.get());
    return;
  }
  const auto fetch_bytes = [](const MemRow& row) {
    __builtin_prefetch(row.data);
    __builtin_prefetch(row.data + kCacheLine);
  };
  if (step == 1) {
    rows_.PrefetchChunk(1);
    stream_->PrefetchLabels();
  }
  const auto rows = static_cast<uint32_t>(step) * kFirstChunk;
  rows_.ForEach(std::min(rows_.size(), rows), fetch_bytes);
}

void Memtable::Insert(std::string_view tenant, LogPosition position,
                      std::span<const StreamRows> streams) {
  const bool any = std::any_of(streams.begin(), streams.end(),
                               [](const StreamRows& batch) { return !batch.rows.empty(); });
  if (!any) return;
  MemTenant* const to = FindOrAdd(tenant, position, created_);
  FindStreams(to, streams);
  uint64_t added = 0;
  // Also of what went in before memory ran out.
  const absl::Cleanup note = [&] { NoteAdded(to, position, added); };
  for (size_t i = 0; i < streams.size(); ++i) {
    if (i + kAhead < streams.size() && found_[i + kAhead] != nullptr) {
      found_[i + kAhead]->rows_.PrefetchTail();
    }
    const Row* pushed = nullptr;  // the row before, of this push
    for (const Row& row : streams[i].rows) {
      const MemRow* const before = found_[i]->rows_.last();
      const bool same = pushed != nullptr && SameRowMetadata(row, *pushed);
      found_[i]->Append(same ? CopyRow(row.timestamp, row.line, before->metadata(), before)
                             : CopyRow(row, before),
                        &arena_);
      pushed = &row;
      ++added;
    }
  }
}

void Memtable::FindStreams(MemTenant* tenant, std::span<const StreamRows> batches) {
  found_.clear();
  for (size_t i = 0; i < batches.size(); ++i) {
    if (i + kAhead < batches.size()) tenant->by_id_.prefetch(batches[i + kAhead].stream->id);
    const StreamRows& batch = batches[i];
    found_.push_back(batch.rows.empty() ? nullptr : FindOrAdd(tenant, batch.stream));
    __builtin_prefetch(found_.back(), /*rw=*/1);
  }
}

void Memtable::NoteAdded(MemTenant* to, LogPosition last, uint64_t added) {
  if (added == 0) return;
  to->has_rows_.store(true, std::memory_order_relaxed);
  if (empty()) first_position_ = to->first_position_;
  first_position_ = std::min(first_position_, to->first_position_);
  last_position_ = std::max(last_position_, last);
  to->last_position_ = last;
  rows_.store(rows() + added, std::memory_order_relaxed);
  bytes_.store(arena_.used() + map_bytes_ + label_bytes_, std::memory_order_relaxed);
  stream_bytes_.store(streams() * kStreamBytes + map_bytes_ + label_bytes_,
                      std::memory_order_relaxed);
}

void Memtable::AddTenant(const TenantId& tenant, const MemTenant& rows) {
  MemTenant* const to = FindOrAdd(tenant, rows.first_position_, rows.since_);
  uint64_t added = 0;
  rows.streams().ForEach(rows.streams().size(), [&](const MemStream* from) {
    MemStream* const stream = FindOrAdd(to, from->stream());
    added += from->rows().size();
    from->rows().ForEach(from->rows().size(), [&](const MemRow& row) {
      stream->Append(CopyRow(row.time, row.line(), row.metadata(), stream->rows_.last()), &arena_);
    });
  });
  NoteAdded(to, rows.last_position_, added);
}

uint64_t MemTenant::RowBytes() const {
  uint64_t bytes = 0;
  streams_.ForEach(streams_.size(), [&](const MemStream* stream) {
    bytes += stream->line_bytes() + stream->metadata_bytes() +
             stream->rows().size() * sizeof(MemRow) + stream->stream()->labels.memory();
  });
  return bytes;
}

MemRow Memtable::CopyRow(const Row& row, const MemRow* before) {
  scratch_.clear();
  EncodeRowMetadata(row, &scratch_);
  return CopyRow(row.timestamp, row.line, scratch_, before);
}

MemRow Memtable::CopyRow(int64_t time, std::string_view line, std::string_view metadata,
                         const MemRow* before) {
  const auto size = static_cast<uint32_t>(metadata.size());
  const bool shares =
      size >= MemRow::kLeastShared && before != nullptr && SameText(before->metadata(), metadata);
  const char* const shared = shares ? before->metadata().data() : nullptr;
  const std::string_view rest =
      shares ? std::string_view(reinterpret_cast<const char*>(&shared), sizeof(shared)) : metadata;
  char* const data = arena_.Allocate(line.size() + rest.size() + 1);
  if (!line.empty()) std::memcpy(data, line.data(), line.size());
  if (!rest.empty()) std::memcpy(data + line.size(), rest.data(), rest.size());
  return {time, data, static_cast<uint32_t>(line.size()), size, shares};
}

MemTenant* Memtable::FindOrAdd(std::string_view tenant, LogPosition first, int64_t since) {
  MutexLock lock(&tenants_mutex_);
  auto found = tenants_.find(tenant);
  if (found == tenants_.end()) {
    found = tenants_.emplace(std::string(tenant), std::make_unique<MemTenant>()).first;
    found->second->first_position_ = first;
    found->second->since_ = since;
  }
  return found->second.get();
}

MemStream* Memtable::FindOrAdd(MemTenant* tenant, const StreamPtr& stream) {
  const size_t slots = tenant->by_id_.capacity();
  MemStream*& entry = tenant->by_id_[stream->id];
  if (entry == nullptr) {
    tenant->streams_.Reserve(&arena_);
    entry = new (arena_.Allocate(sizeof(MemStream), alignof(MemStream))) MemStream(stream);
    tenant->streams_.Append(entry, &arena_);
    map_bytes_ += (tenant->by_id_.capacity() - slots) * kMapSlotBytes;
    label_bytes_ += sizeof(Stream) + stream->labels.memory();
    streams_.store(streams() + 1, std::memory_order_relaxed);
  }
  return entry;
}

const MemTenant* Memtable::Find(std::string_view tenant) const {
  MutexLock lock(&tenants_mutex_);
  const auto found = tenants_.find(tenant);
  return found == tenants_.end() ? nullptr : found->second.get();
}

std::vector<TenantId> Memtable::Tenants() const {
  MutexLock lock(&tenants_mutex_);
  std::vector<TenantId> result;
  for (const auto& [tenant, rows] : tenants_) {
    if (rows->has_rows()) result.push_back(tenant);
  }
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace skald::storage
