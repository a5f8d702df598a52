#include "storage/base/disk_full.h"

#include "absl/strings/cord.h"

namespace skald {
namespace {
constexpr char kDiskFullUrl[] = "skald/disk-full";
}  // namespace

Status MarkDiskFull(Status status) {
  status.SetPayload(kDiskFullUrl, absl::Cord());
  return status;
}

bool IsDiskFull(const Status& status) { return status.GetPayload(kDiskFullUrl).has_value(); }

}  // namespace skald
