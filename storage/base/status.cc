#include "storage/base/status.h"

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"

namespace skald {
namespace {
constexpr char kHttpStatusUrl[] = "skald/http-status";
}  // namespace

Status Annotate(const Status& status, std::string_view context) {
  if (status.ok()) return status;
  Status annotated(status.code(), StrCat(context, ": ", Message(status)));
  status.ForEachPayload([&annotated](absl::string_view url, const absl::Cord& payload) {
    annotated.SetPayload(url, payload);
  });
  return annotated;
}

Status WithHttpStatus(Status status, int http_status) {
  status.SetPayload(kHttpStatusUrl, absl::Cord(absl::StrCat(http_status)));
  return status;
}

std::optional<int> HttpStatusOf(const Status& status) {
  const auto payload = status.GetPayload(kHttpStatusUrl);
  int value = 0;
  if (!payload.has_value() || !absl::SimpleAtoi(std::string(*payload), &value)) return std::nullopt;
  return value;
}

}  // namespace skald
