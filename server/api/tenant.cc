#include "server/api/tenant.h"

#include <string_view>

#include "storage/base/strings.h"
#include "storage/base/utf8.h"

namespace skald::api {
namespace {

constexpr std::string_view kHeader = "X-Scope-OrgID";
constexpr size_t kMaxTenantBytes = 150;

bool IsTenantByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!-_.*'()").find(c) != std::string_view::npos;
}

Status CheckTenant(std::string_view tenant) {
  for (size_t i = 0; i < tenant.size(); ++i) {
    if (IsTenantByte(tenant[i])) continue;
    std::string rune;
    AppendRune(&rune, DecodeRune(tenant.substr(i)).rune);
    return InvalidArgument(
        StrCat("tenant ID '", tenant, "' contains unsupported character '", rune, "'"));
  }
  if (tenant.size() > kMaxTenantBytes) {
    return InvalidArgument("tenant ID is too long: max 150 characters");
  }
  if (tenant == "." || tenant == "..") return InvalidArgument("tenant ID is '.' or '..'");
  return absl::OkStatus();
}

}  // namespace

StatusOr<std::string> TenantOf(const http::Request& request, bool auth_enabled) {
  if (!auth_enabled) return "fake";
  std::string_view rest = request.Header(kHeader);
  if (rest.empty()) return absl::UnauthenticatedError("no org id");
  std::string_view tenant;
  while (true) {
    const size_t bar = rest.find('|');
    const std::string_view part = rest.substr(0, bar);
    const std::string_view id = part.substr(0, part.find(':'));
    RETURN_IF_ERROR(CheckTenant(id));
    if (!tenant.empty() && id != tenant) return InvalidArgument("multiple org IDs present");
    tenant = id;
    if (bar == std::string_view::npos) break;
    rest.remove_prefix(bar + 1);
  }
  if (tenant.empty()) return absl::UnauthenticatedError("no org id");
  return std::string(tenant);
}

}  // namespace skald::api
