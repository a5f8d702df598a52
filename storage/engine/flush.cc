#include "storage/engine/flush.h"

#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "storage/base/catching.h"
#include "storage/base/string_order.h"
#include "storage/catalog/part_files.h"
#include "storage/catalog/tenant_directory.h"
#include "storage/memtable/row_metadata.h"
#include "storage/memtable/sorted_rows.h"
#include "storage/part/part_writer.h"

namespace skald::storage {
namespace {

// A tenant's rows, in memtables in order of arrival.
using TenantSources = std::vector<const MemTenant*>;

// So many streams ahead, memory is asked for: streams lie in the order of their arrival, and each
// is a chain of misses of the processor's caches.
constexpr size_t kAhead = 6;
// A large stream's rows are not kept for the next one.
constexpr size_t kKeptRows = 1 << 16;

struct KeyedStream {
  std::string_view service;
  std::string_view text;
  const MemStream* stream;
};

// Sorts streams by a key, without changing the order of those that have the same.
template <typename KeyOf>
void Arrange(std::span<KeyedStream> streams, KeyOf key_of) {
  std::vector<std::string_view> keys;
  keys.reserve(streams.size());
  for (const KeyedStream& stream : streams) keys.push_back(key_of(stream));
  const std::vector<KeyedStream> before(streams.begin(), streams.end());
  size_t to = 0;
  for (const uint32_t from : StringOrder(keys)) streams[to++] = before[from];
}

// The tenant's streams in the order of a part; one that lies in several memtables as often, the
// earlier ones first.
std::vector<KeyedStream> StreamsInOrder(const TenantSources& sources) {
  std::vector<KeyedStream> keyed;
  for (const MemTenant* tenant : sources) {
    keyed.reserve(keyed.size() + tenant->streams().size());
    tenant->streams().ForEach(tenant->streams().size(), [&](const MemStream* stream) {
      keyed.push_back({{}, {}, stream});
    });
  }
  for (size_t i = 0; i < keyed.size(); ++i) {
    if (const size_t next = i + 3 * kAhead; next < keyed.size()) {
      __builtin_prefetch(keyed[next].stream);
    }
    if (const size_t next = i + 2 * kAhead; next < keyed.size()) {
      __builtin_prefetch(keyed[next].stream->stream().get());
    }
    if (const size_t next = i + kAhead; next < keyed.size()) {
      keyed[next].stream->stream()->PrefetchLabels();
    }
    const Stream& stream = *keyed[i].stream->stream();
    keyed[i].service = stream.labels.Get("service_name");
    keyed[i].text = stream.text;
  }
  Arrange(std::span(keyed), [](const KeyedStream& stream) { return stream.service; });
  for (size_t begin = 0, end = 0; begin < keyed.size(); begin = end) {
    while (end < keyed.size() && keyed[end].service == keyed[begin].service) ++end;
    const std::span<KeyedStream> same_service(keyed.data() + begin, end - begin);
    Arrange(same_service, [](const KeyedStream& stream) { return stream.text; });
  }
  return keyed;
}

LogPosition FirstPosition(const TenantSources& sources) {
  return sources.front()->first_position();
}
LogPosition LastPosition(const TenantSources& sources) { return sources.back()->last_position(); }

class Flush {
 public:
  Flush(FileSystem* files, const std::string& directory, const FlushInput& input,
        const CatalogState& state, PageCache* cache)
      : files_(files),
        directory_(directory),
        input_(input),
        cache_(cache),
        next_tenant_(state.next_tenant),
        next_file_(state.next_file) {
    for (const auto& [number, id] : state.tenants) numbers_[id] = number;
  }

  StatusOr<FlushedParts> Run() {
    const Status status = Catching("writing parts", [&] { return WriteAll(); });
    if (status.ok()) return std::move(result_);
    for (const std::string& path : written_) files_->RemoveFile(path).IgnoreError();
    return status;
  }

 private:
  Status WriteAll() {
    for (const TenantId& tenant : input_.tenants) {
      ASSIGN_OR_RETURN(const TenantNumber number, NumberOf(tenant));
      RETURN_IF_ERROR(Annotate(WriteTenant(tenant, number), "writing a part"));
    }
    for (const std::string& touched : touched_) RETURN_IF_ERROR(files_->SyncDirectory(touched));
    return absl::OkStatus();
  }

  StatusOr<TenantNumber> NumberOf(const TenantId& tenant) {
    const auto found = numbers_.find(tenant);
    if (found != numbers_.end()) return found->second;
    const TenantNumber number = next_tenant_++;
    RETURN_IF_ERROR(CreateTenantDirectory(files_, directory_, number, tenant, &touched_));
    result_.edit.tenants_added.emplace_back(number, tenant);
    numbers_[tenant] = number;
    return number;
  }

  Status WriteTenant(const TenantId& tenant, TenantNumber number) {
    const FileNumber file = next_file_++;
    const std::string temporary = PartTemporaryPath(directory_, number, file);
    const std::string path = PartPath(directory_, number, file);
    ASSIGN_OR_RETURN(auto out, files_->NewWritableFile(temporary));
    written_.push_back(temporary);
    PartWriter writer(std::move(out), CompressionEffort::kQuick);
    const TenantSources sources = SourcesOf(tenant);
    RETURN_IF_ERROR(WriteStreams(StreamsInOrder(sources), &writer));
    PartProperties properties;
    properties.tenant = tenant;
    properties.log_first = FirstPosition(sources);
    properties.log_last = LastPosition(sources);
    ASSIGN_OR_RETURN(const PartSummary summary, writer.Finish(properties));
    RETURN_IF_ERROR(files_->RenameFile(temporary, path));
    written_.back() = path;
    touched_.insert(TenantDirectory(directory_, number));
    ASSIGN_OR_RETURN(std::shared_ptr<Part> part, Part::Open(files_, path, file, cache_));
    result_.parts.push_back(std::move(part));
    result_.edit.parts_added.push_back(Describe(number, file, properties, summary));
    return absl::OkStatus();
  }

  TenantSources SourcesOf(const TenantId& tenant) const {
    TenantSources sources;
    for (const Memtable* memtable : input_.memtables) {
      const MemTenant* const found = memtable->Find(tenant);
      if (found != nullptr && found->has_rows()) sources.push_back(found);
    }
    return sources;
  }

  static PartInfo Describe(TenantNumber tenant, FileNumber file, const PartProperties& properties,
                           const PartSummary& summary) {
    PartInfo info;
    info.tenant = tenant;
    info.file = file;
    info.rows = summary.rows;
    info.bytes = summary.file_bytes;
    info.min_time = summary.min_time;
    info.max_time = summary.max_time;
    info.first = properties.log_first;
    info.last = properties.log_last;
    return info;
  }

  Status WriteStreams(const std::vector<KeyedStream>& streams, PartWriter* writer) {
    std::vector<const MemStream*> same;
    for (size_t i = 0; i < streams.size();) {
      same.clear();
      const std::string_view text = streams[i].text;
      for (; i < streams.size() && streams[i].text == text; ++i) {
        Prefetch(streams, i);
        same.push_back(streams[i].stream);
      }
      RETURN_IF_ERROR(WriteStream(same, writer));
    }
    return absl::OkStatus();
  }

  // Has what the streams after streams[i] need brought into the processor's cache.
  static void Prefetch(const std::vector<KeyedStream>& streams, size_t i) {
    size_t next = i + kAhead * (MemStream::kPrefetchSteps + 1);
    if (next < streams.size()) __builtin_prefetch(streams[next].stream);
    for (size_t step = 0; step < MemStream::kPrefetchSteps; ++step) {
      next -= kAhead;
      if (next < streams.size()) streams[next].stream->Prefetch(step);
    }
  }

  Status WriteStream(std::span<const MemStream* const> sources, PartWriter* writer) {
    SortedRowsOfAll(sources, &rows_);
    if (rows_.empty()) return absl::OkStatus();  // there was no memory for any
    for (const MemRow& row : rows_) {
      metadata_.clear();
      DecodeRowMetadata(row.metadata(), &metadata_);
      RETURN_IF_ERROR(writer->Add({row.time, row.line(), metadata_}));
    }
    if (rows_.size() > kKeptRows) std::vector<MemRow>().swap(rows_);
    return writer->EndStream(sources.front()->stream()->labels);
  }

  FileSystem* const files_;
  const std::string& directory_;
  const FlushInput& input_;
  PageCache* const cache_;
  TenantNumber next_tenant_;
  FileNumber next_file_;
  StringMap<TenantNumber> numbers_;
  FlushedParts result_;
  std::vector<std::string> written_;
  std::set<std::string> touched_;
  std::vector<MemRow> rows_;         // of a stream
  std::vector<LabelView> metadata_;  // of a row
};

}  // namespace

StatusOr<FlushedParts> FlushToParts(FileSystem* files, const std::string& directory,
                                    const FlushInput& input, const CatalogState& state,
                                    PageCache* cache) {
  return Flush(files, directory, input, state, cache).Run();
}

}  // namespace skald::storage
