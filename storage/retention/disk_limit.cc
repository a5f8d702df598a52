#include "storage/retention/disk_limit.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "storage/base/log.h"

namespace skald::storage {
namespace {

// From the oldest to the newest.
bool IsOlder(const PartPtr& a, const PartPtr& b) {
  return std::make_pair(a->footer().max_time, a->file_number()) <
         std::make_pair(b->footer().max_time, b->file_number());
}

}  // namespace

Status DiskLimit::Enforce() {
  if (limit_ == 0) return absl::OkStatus();
  const auto state = engine_->CurrentState();
  uint64_t used = 0;
  std::vector<PartPtr> parts;
  for (const auto& [tenant, list] : state->parts) {
    parts.insert(parts.end(), list->begin(), list->end());
  }
  for (const PartPtr& part : parts) used += part->file_size();
  if (used <= limit_) return absl::OkStatus();
  std::sort(parts.begin(), parts.end(), IsOlder);
  std::map<std::string, std::vector<PartPtr>> removed;  // by tenant
  uint64_t left = used;
  for (auto part = parts.begin(); part != parts.end() && left > limit_; ++part) {
    left -= (*part)->file_size();
    removed[(*part)->footer().tenant].push_back(*part);
  }
  for (const auto& [tenant, oldest] : removed) {
    CatalogEdit edit;
    for (const PartPtr& part : oldest) edit.parts_removed.push_back(part->file_number());
    RETURN_IF_ERROR(
        Annotate(engine_->Exchange(edit, oldest, {}), "removing parts for the disk limit"));
    parts_removed_ += oldest.size();
    SKALD_LOG(kWarn, "the oldest parts were removed to keep the disk limit",
              {{"tenant", tenant}, {"parts", oldest.size()}, {"used", used}, {"limit", limit_}});
  }
  return absl::OkStatus();
}

}  // namespace skald::storage
