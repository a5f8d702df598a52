#include "storage/deletes/delete_book.h"

#include <algorithm>
#include <set>
#include <utility>

#include "storage/base/duration.h"
#include "storage/base/hash.h"
#include "storage/base/log.h"
#include "storage/base/strings.h"
#include "storage/catalog/tenant_directory.h"

namespace skald::storage {
namespace {

constexpr int64_t kRememberProcessedNanos = int64_t{30} * 24 * 3600 * 1'000'000'000;
// Of a tenant, processed ones included.
constexpr size_t kMaxRequests = 10'000;
constexpr int kNumberAttempts = 5;

}  // namespace

Status DeleteBook::Load(StoredState* state) {
  const CatalogState catalog = catalog_->State();
  for (const auto& [key, request] : catalog.deletes) {
    if (request.processed_at != 0) continue;
    StatusOr<std::shared_ptr<ActiveDelete>> active = Compile(request);
    if (!active.ok()) {
      return absl::FailedPreconditionError(StrCat("delete request ", request.id,
                                                  " of the data directory, `", request.query,
                                                  "`: ", Message(active.status())));
    }
    (*active)->in_force = true;
    state->PutDelete(catalog.tenants.at(request.tenant), *std::move(active));
  }
  return absl::OkStatus();
}

StatusOr<std::shared_ptr<ActiveDelete>> DeleteBook::Compile(DeleteRequest request) {
  if (options_.compiler == nullptr)
    return absl::FailedPreconditionError("delete requests are not served");
  auto active = std::make_shared<ActiveDelete>();
  ASSIGN_OR_RETURN(active->predicate, options_.compiler->Compile(request.query));
  active->request = std::move(request);
  active->serial = next_serial_.fetch_add(1);
  return active;
}

StatusOr<std::string> DeleteBook::Create(std::string_view tenant, const DeleteSpec& spec) {
  const int64_t now = clock_->WallNanos();
  const std::vector<DeleteRequest> others = catalog_->DeletesOf(tenant);
  CatalogEdit forgotten;
  for (const DeleteRequest& other : others) {
    if (other.processed_at == 0 || now - other.processed_at <= kRememberProcessedNanos) continue;
    forgotten.deletes_removed.push_back({other.tenant, other.id});
  }
  if (others.size() - forgotten.deletes_removed.size() >= kMaxRequests) {
    return Exhausted("too many delete requests, wait until some are processed");
  }
  DeleteRequest request;
  request.id = NewId(tenant, others);
  request.query = spec.query;
  request.start = spec.start;
  request.end = spec.end;
  request.created_at = now;
  ASSIGN_OR_RETURN(const auto active, Compile(std::move(request)));
  ASSIGN_OR_RETURN(active->request.tenant, NumberOf(tenant));

  const StatusOr<LogPosition> fenced = host_->Fence([&](LogPosition position, StoredState* state) {
    active->request.position = position;
    state->PutDelete(tenant, std::make_shared<ActiveDelete>(*active));
  });
  Status status = fenced.status();
  if (status.ok()) {
    CatalogEdit edit;
    edit.deletes_added.push_back(active->request);
    status = catalog_->Apply(edit);
  }
  active->in_force = status.ok();
  host_->ChangeState([&](StoredState* state) {
    if (active->in_force) {
      state->PutDelete(tenant, active);
    } else {
      state->RemoveDelete(tenant, active->request.id);
    }
  });
  RETURN_IF_ERROR(Annotate(status, "accepting a delete request"));
  // By itself: when another call has forgotten the same ones meanwhile, this edit is refused.
  if (!forgotten.deletes_removed.empty()) catalog_->Apply(forgotten).IgnoreError();
  ++received_;
  return active->request.id;
}

std::vector<DeleteInfo> DeleteBook::List(std::string_view tenant) const {
  std::vector<DeleteInfo> list;
  for (const DeleteRequest& request : catalog_->DeletesOf(tenant)) {
    list.push_back({request.id,
                    {request.query, request.start, request.end},
                    request.created_at,
                    request.processed_at != 0});
  }
  std::stable_sort(list.begin(), list.end(), [](const DeleteInfo& a, const DeleteInfo& b) {
    return a.created_at < b.created_at;
  });
  return list;
}

Status DeleteBook::Cancel(std::string_view tenant, std::string_view id, bool force) {
  const std::vector<DeleteRequest> all = catalog_->DeletesOf(tenant);
  const auto request = std::find_if(all.begin(), all.end(),
                                    [&](const DeleteRequest& other) { return other.id == id; });
  if (request == all.end()) return NotFound("could not find delete request with given id");
  if (request->processed_at != 0) {
    return absl::FailedPreconditionError("the delete request is already processed");
  }
  if (!force && !IsCancellable(*request)) {
    return absl::FailedPreconditionError(
        ToAbsl(StrCat("Cancellation of partially completed delete request or delete request past "
                      "the deadline of ",
                      FormatGoDuration(std::chrono::nanoseconds(options_.cancel_period_nanos)),
                      " since its creation is not allowed. To force, use the ?force query "
                      "parameter")));
  }
  CatalogEdit edit;
  edit.deletes_removed.push_back({request->tenant, request->id});
  RETURN_IF_ERROR(Annotate(catalog_->Apply(edit), "cancelling a delete request"));
  host_->ChangeState([&](StoredState* state) { state->RemoveDelete(tenant, id); });
  return absl::OkStatus();
}

bool DeleteBook::IsCancellable(const DeleteRequest& request) const {
  return clock_->WallNanos() - request.created_at <= options_.cancel_period_nanos;
}

bool DeleteBook::IsDue(std::string_view tenant, const ActiveDelete& request) const {
  if (!request.in_force || IsCancellable(request.request)) return false;
  return options_.may_remove == nullptr || options_.may_remove(tenant);
}

Status DeleteBook::MarkProcessed(std::string_view tenant, const ActiveDelete& request) {
  const DeleteKey key{request.request.tenant, request.request.id};
  CatalogEdit edit;
  edit.deletes_processed.emplace_back(key, clock_->WallNanos());
  const Status status = catalog_->Apply(edit);
  if (absl::IsFailedPrecondition(status)) return absl::OkStatus();  // cancelled meanwhile
  RETURN_IF_ERROR(Annotate(status, "noting that a delete request is processed"));
  host_->ChangeState([&](StoredState* state) { state->RemoveDelete(tenant, key.id); });
  ++processed_;
  SKALD_LOG(kInfo, "delete request processed",
            {{"tenant", tenant}, {"id", key.id}, {"query", request.request.query}});
  return absl::OkStatus();
}

StatusOr<TenantNumber> DeleteBook::NumberOf(std::string_view tenant) {
  Status status;
  for (int attempt = 0; attempt < kNumberAttempts; ++attempt) {
    const std::optional<TenantNumber> known = catalog_->NumberOf(tenant);
    if (known.has_value()) return *known;
    const TenantNumber number = catalog_->ReserveTenants(1);
    std::set<std::string> touched;
    RETURN_IF_ERROR(
        CreateTenantDirectory(files_, directory_, number, std::string(tenant), &touched));
    for (const std::string& path : touched) RETURN_IF_ERROR(files_->SyncDirectory(path));
    CatalogEdit edit;
    edit.tenants_added.emplace_back(number, tenant);
    status = catalog_->Apply(edit);
    if (status.ok()) return number;
    // A flush may have added the tenant just now.
    if (!absl::IsFailedPrecondition(status)) return status;
  }
  return status;
}

std::string DeleteBook::NewId(std::string_view tenant,
                              const std::vector<DeleteRequest>& others) const {
  uint64_t seed = static_cast<uint64_t>(clock_->WallNanos());
  for (;;) {
    seed = Hash64(tenant, seed);
    const std::string id = StrCat(absl::Hex(static_cast<uint32_t>(seed), absl::kZeroPad8));
    const bool taken = std::any_of(others.begin(), others.end(),
                                   [&](const DeleteRequest& other) { return other.id == id; });
    if (!taken) return id;
  }
}

}  // namespace skald::storage
