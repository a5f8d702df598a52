#include "storage/flush.h"

#include <algorithm>
#include <set>
#include <utility>

#include "storage/memtable/row_metadata.h"
#include "storage/memtable/sorted_rows.h"
#include "storage/part/part_writer.h"
#include "storage/part_files.h"
#include "storage/tenant_directory.h"

namespace skald::storage {
namespace {

// Level 0 is written to be written soon.
constexpr int kLevel0ZstdLevel = 1;

// The tenant's streams in the order of a part.
std::vector<const MemStream*> StreamsInOrder(const MemTenant& tenant) {
  struct Keyed {
    std::string_view service;
    const MemStream* stream;
  };
  std::vector<Keyed> keyed;
  tenant.streams().ForEach(tenant.streams().size(), [&](const MemStream* stream) {
    keyed.push_back({stream->stream()->labels.Get("service_name"), stream});
  });
  std::sort(keyed.begin(), keyed.end(), [](const Keyed& a, const Keyed& b) {
    return StreamOrderLess(a.service, a.stream->stream()->text, b.service,
                           b.stream->stream()->text);
  });
  std::vector<const MemStream*> streams;
  for (const Keyed& entry : keyed) streams.push_back(entry.stream);
  return streams;
}

class Flush {
 public:
  Flush(FileSystem* files, const std::string& directory, const Memtable& memtable,
        const CatalogState& state, PageCache* cache)
      : files_(files),
        directory_(directory),
        memtable_(memtable),
        cache_(cache),
        next_tenant_(state.next_tenant),
        next_file_(state.next_file) {
    for (const auto& [number, id] : state.tenants) numbers_[id] = number;
  }

  StatusOr<FlushedParts> Run() {
    const Status status = WriteAll();
    if (status.ok()) return std::move(result_);
    for (const std::string& path : written_) files_->RemoveFile(path).IgnoreError();
    return status;
  }

 private:
  Status WriteAll() {
    for (const TenantId& tenant : memtable_.Tenants()) {
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
    PartWriter writer(std::move(out), kLevel0ZstdLevel);
    for (const MemStream* stream : StreamsInOrder(*memtable_.Find(tenant))) {
      RETURN_IF_ERROR(WriteStream(*stream, &writer));
    }
    PartProperties properties;
    properties.tenant = tenant;
    properties.log_first = memtable_.first_position();
    properties.log_last = memtable_.last_position();
    ASSIGN_OR_RETURN(const PartSummary summary, writer.Finish(properties));
    RETURN_IF_ERROR(files_->RenameFile(temporary, path));
    written_.back() = path;
    touched_.insert(TenantDirectory(directory_, number));
    ASSIGN_OR_RETURN(std::shared_ptr<Part> part, Part::Open(files_, path, file, cache_));
    result_.parts.push_back(std::move(part));
    result_.edit.parts_added.push_back(Describe(number, file, summary));
    return absl::OkStatus();
  }

  PartInfo Describe(TenantNumber tenant, FileNumber file, const PartSummary& summary) const {
    PartInfo info;
    info.tenant = tenant;
    info.file = file;
    info.rows = summary.rows;
    info.bytes = summary.file_bytes;
    info.min_time = summary.min_time;
    info.max_time = summary.max_time;
    info.first = memtable_.first_position();
    info.last = memtable_.last_position();
    return info;
  }

  Status WriteStream(const MemStream& stream, PartWriter* writer) {
    for (const MemRow& row : SortedRows(stream, stream.rows().size(), std::nullopt, nullptr)) {
      metadata_.clear();
      DecodeRowMetadata(row.metadata(), &metadata_);
      RETURN_IF_ERROR(writer->Add({row.time, row.line(), metadata_}));
    }
    return writer->EndStream(stream.stream()->labels);
  }

  FileSystem* const files_;
  const std::string& directory_;
  const Memtable& memtable_;
  PageCache* const cache_;
  TenantNumber next_tenant_;
  FileNumber next_file_;
  StringMap<TenantNumber> numbers_;
  FlushedParts result_;
  std::vector<std::string> written_;
  std::set<std::string> touched_;
  std::vector<LabelView> metadata_;
};

}  // namespace

StatusOr<FlushedParts> FlushMemtable(FileSystem* files, const std::string& directory,
                                     const Memtable& memtable, const CatalogState& state,
                                     PageCache* cache) {
  return Flush(files, directory, memtable, state, cache).Run();
}

}  // namespace skald::storage
