#include "storage/engine/relog.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "storage/base/arena.h"
#include "storage/base/units.h"
#include "storage/memtable/row_metadata.h"
#include "storage/wal/wal_format.h"

namespace skald::storage {
namespace {

// Rows of a record; a tenant with more takes several.
constexpr uint64_t kRecordBytes = 1_MiB;

struct Small {
  TenantId tenant;
  uint64_t bytes;
};

// What a tenant has in all memtables, and since when.
struct Held {
  uint64_t bytes = 0;
  int64_t since = 0;
};

Held HeldBy(const std::vector<const Memtable*>& memtables, const TenantId& tenant) {
  Held held;
  for (const Memtable* memtable : memtables) {
    const MemTenant* const rows = memtable->Find(tenant);
    if (rows == nullptr) continue;
    if (held.bytes == 0) held.since = rows->since_monotonic_nanos();
    held.bytes += rows->RowBytes();
  }
  return held;
}

// Logs the rows of one tenant again.
class TenantLogger {
 public:
  using Append = absl::FunctionRef<Status(std::string_view)>;
  TenantLogger(const TenantId& tenant, int64_t receive_time, ZstdCompressor* compressor,
               Append append)
      : compressor_(compressor), append_(append) {
    record_.tenant = tenant;
    record_.receive_time = receive_time;
  }

  Status Log(const MemTenant& rows) {
    record_.first_origin = rows.first_position();
    record_.last_origin = rows.last_position();
    Status status;
    rows.streams().ForEach(rows.streams().size(), [&](const MemStream* stream) {
      if (status.ok()) status = AddStream(*stream);
    });
    RETURN_IF_ERROR(status);
    return Write();
  }

 private:
  Status AddStream(const MemStream& stream) {
    size_t begin = rows_.size();
    Status status;
    stream.rows().ForEach(stream.rows().size(), [&](const MemRow& row) {
      if (!status.ok()) return;
      rows_.push_back(RowOf(row));
      bytes_ += row.line_size + row.metadata_size + sizeof(Row);
      if (bytes_ < kRecordBytes) return;
      streams_.push_back({stream.stream(), begin, rows_.size()});
      status = Write();
      begin = 0;
    });
    if (rows_.size() > begin) streams_.push_back({stream.stream(), begin, rows_.size()});
    return status;
  }

  Row RowOf(const MemRow& row) {
    Row result{row.time, row.line(), {}, {}};
    const RowMetadata metadata = SplitRowMetadata(row.metadata());
    result.detected_level = metadata.level;
    pairs_.clear();
    DecodeRowMetadata(row.metadata(), &pairs_);
    if (!metadata.level.empty()) pairs_.pop_back();
    const auto copy = arena_.NewArray<LabelView>(pairs_.size());
    std::copy(pairs_.begin(), pairs_.end(), copy.begin());
    result.metadata = copy;
    return result;
  }

  Status Write() {
    if (streams_.empty()) return absl::OkStatus();
    std::vector<StreamRows> streams;
    for (const Span& span : streams_) {
      streams.push_back({span.stream, std::span(rows_).subspan(span.begin, span.end - span.begin)});
    }
    record_.streams = streams;
    Status status = append_(EncodeRows(record_, compressor_));
    rows_.clear();
    streams_.clear();
    arena_.Reset();
    bytes_ = 0;
    return status;
  }

  struct Span {
    StreamPtr stream;
    size_t begin;
    size_t end;
  };
  ZstdCompressor* const compressor_;
  const Append append_;
  RowsRecord record_;
  std::vector<Row> rows_;
  std::vector<Span> streams_;
  std::vector<LabelView> pairs_;
  Arena arena_;
  uint64_t bytes_ = 0;
};

}  // namespace

FlushSplit SplitTenants(const std::vector<const Memtable*>& memtables, const CarryLimits& limits,
                        int64_t now_monotonic_nanos) {
  std::set<TenantId> tenants;
  for (const Memtable* memtable : memtables) {
    for (TenantId& tenant : memtable->Tenants()) tenants.insert(std::move(tenant));
  }
  FlushSplit split;
  std::vector<Small> small;
  uint64_t total = 0;
  for (const TenantId& tenant : tenants) {
    const Held held = HeldBy(memtables, tenant);
    const bool is_old = now_monotonic_nanos - held.since >= limits.age_nanos;
    if (is_old || held.bytes >= limits.tenant_bytes) {
      split.to_parts.push_back(tenant);
    } else {
      small.push_back({tenant, held.bytes});
      total += held.bytes;
    }
  }
  std::sort(small.begin(), small.end(),
            [](const Small& a, const Small& b) { return a.bytes > b.bytes; });
  for (Small& entry : small) {
    const bool too_many = total > limits.total_bytes;
    if (too_many) total -= entry.bytes;
    (too_many ? split.to_parts : split.to_carry).push_back(std::move(entry.tenant));
  }
  return split;
}

int64_t OldestSince(const std::vector<const Memtable*>& memtables,
                    const std::vector<TenantId>& tenants) {
  int64_t oldest = std::numeric_limits<int64_t>::max();
  for (const TenantId& tenant : tenants) {
    oldest = std::min(oldest, HeldBy(memtables, tenant).since);
  }
  return oldest;
}

Status CarryTenants(const std::vector<const Memtable*>& memtables,
                    const std::vector<TenantId>& tenants, int64_t receive_time,
                    absl::FunctionRef<Status(std::string_view payload)> append, Memtable* carried) {
  ZstdCompressor compressor(CompressionEffort::kQuick);
  for (const TenantId& tenant : tenants) {
    for (const Memtable* memtable : memtables) {
      const MemTenant* const rows = memtable->Find(tenant);
      if (rows == nullptr) continue;
      carried->AddTenant(tenant, *rows);
    }
    RETURN_IF_ERROR(
        TenantLogger(tenant, receive_time, &compressor, append).Log(*carried->Find(tenant)));
  }
  return absl::OkStatus();
}

}  // namespace skald::storage
