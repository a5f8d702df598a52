#include "storage/base/public_text.h"

#include "absl/strings/cord.h"

namespace skald {
namespace {
constexpr char kPublicTextUrl[] = "skald/public-text";
}  // namespace

Status WithPublicText(Status status, std::string_view text) {
  status.SetPayload(kPublicTextUrl, absl::Cord(ToAbsl(text)));
  return status;
}

std::string PublicText(const Status& status) {
  const auto payload = status.GetPayload(kPublicTextUrl);
  return payload.has_value() ? std::string(*payload) : std::string(Message(status));
}

Status AnnotateForLog(const Status& status, std::string_view context) {
  return status.ok() ? status : WithPublicText(Annotate(status, context), PublicText(status));
}

}  // namespace skald
