#include "server/api/tenant.h"

#include <set>
#include <string_view>

#include "query/engine/tenant_union.h"
#include "storage/base/strings.h"
#include "storage/base/utf8.h"

namespace skald::api {
namespace {

constexpr std::string_view kHeader = "X-Scope-OrgID";
constexpr size_t kMaxTenantBytes = 150;
constexpr size_t kMaxTenants = 100;  // in one request

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

StatusOr<std::string> TenantOf(const http::Request& request, bool auth_enabled, bool several) {
  if (!auth_enabled) return "fake";
  const std::string_view header = request.Header(kHeader);
  if (header.empty()) return absl::UnauthenticatedError("no org id");
  std::set<std::string_view> tenants;
  for (const std::string_view part : query::SplitTenants(header)) {
    const std::string_view id = part.substr(0, part.find(':'));
    RETURN_IF_ERROR(CheckTenant(id));
    if (!id.empty()) tenants.insert(id);
    if (tenants.size() > 1 && !several) return InvalidArgument("multiple org IDs present");
    if (tenants.size() > kMaxTenants) return InvalidArgument("too many org IDs present");
  }
  if (tenants.empty()) return absl::UnauthenticatedError("no org id");
  std::string all;
  for (const std::string_view id : tenants) {
    if (!all.empty()) all += query::kTenantSeparator;
    all += id;
  }
  return all;
}

}  // namespace skald::api
