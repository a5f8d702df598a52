// Keeps the delete requests: in the manifest, and, compiled, in what readers see.
//
// A request is accepted in this order: the memtable is ended and flushed, so that everything it can
// hide lies in parts; the manifest takes it, durably; readers see it. It is thus never met while
// the log is replayed, and no row that it hides is ever in a memtable.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/clock.h"
#include "storage/base/file_system.h"
#include "storage/base/status.h"
#include "storage/catalog/catalog.h"
#include "storage/delete_requests.h"
#include "storage/deletes/delete_host.h"

namespace skald::storage {

// Threads: thread-safe.
class DeleteBook final : public DeleteRequests {
 public:
  // All must outlive this.
  DeleteBook(DeleteOptions options, FileSystem* files, Clock* clock, std::string directory,
             Catalog* catalog, DeleteHost* host)
      : options_(std::move(options)),
        files_(files),
        clock_(clock),
        directory_(std::move(directory)),
        catalog_(catalog),
        host_(host) {}

  // At the start: puts the manifest's requests into `state`. FailedPrecondition: one of them does
  // not compile, so that its rows could not be hidden.
  Status Load(StoredState* state);

  StatusOr<std::string> Create(std::string_view tenant, const DeleteSpec& spec) override;
  std::vector<DeleteInfo> List(std::string_view tenant) const override;
  Status Cancel(std::string_view tenant, std::string_view id, bool force) override;

  // Whether the request's rows may be removed from disk.
  bool IsDue(std::string_view tenant, const ActiveDelete& request) const;
  // No part has such rows any more.
  Status MarkProcessed(std::string_view tenant, const ActiveDelete& request);

  // Requests since the start.
  uint64_t received() const { return received_.load(); }
  uint64_t processed() const { return processed_.load(); }

 private:
  StatusOr<std::shared_ptr<ActiveDelete>> Compile(DeleteRequest request);
  StatusOr<TenantNumber> NumberOf(std::string_view tenant);
  std::string NewId(std::string_view tenant, const std::vector<DeleteRequest>& others) const;
  bool IsCancellable(const DeleteRequest& request) const;

  const DeleteOptions options_;
  FileSystem* const files_;
  Clock* const clock_;
  const std::string directory_;
  Catalog* const catalog_;
  DeleteHost* const host_;
  std::atomic<uint64_t> next_serial_{1};
  std::atomic<uint64_t> received_{0};
  std::atomic<uint64_t> processed_{0};
};

}  // namespace skald::storage
