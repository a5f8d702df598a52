#include "server/api/guard.h"

#include <algorithm>

#include "server/api/errors.h"
#include "server/api/tenant.h"
#include "storage/base/strings.h"

namespace skald::api {
namespace {

constexpr std::string_view kTenantHeader = "X-Scope-OrgID";
constexpr std::string_view kEveryTenant = "*";

// A request that may name several tenants names them with bars between.
bool MayUseAll(const auth::Identity& client, std::string_view tenants) {
  while (true) {
    const size_t bar = tenants.find('|');
    if (!client.MayUse(tenants.substr(0, bar))) return false;
    if (bar == std::string_view::npos) return true;
    tenants.remove_prefix(bar + 1);
  }
}

bool NamesTenant(const Route& route) {
  return route.access == Access::kTenant || route.access == Access::kTenants;
}

}  // namespace

bool IsGuarded(const ApiContext& api, const Route& route) {
  const auto& unguarded = api.settings.unguarded_paths;
  return api.authenticator != nullptr &&
         std::find(unguarded.begin(), unguarded.end(), route.path) == unguarded.end();
}

StatusOr<std::string> TenantOfAnyone(const ApiContext& api, const Route& route,
                                     const http::Request& head) {
  if (!NamesTenant(route)) return std::string();
  const bool several =
      route.access == Access::kTenants && api.settings.multi_tenant_queries_enabled;
  return TenantOf(head, api.settings.auth_enabled, several);
}

StatusOr<std::string> TenantOfClient(const ApiContext& api, const Route& route,
                                     const http::Request& head, const auth::Identity& client) {
  if (route.access == Access::kOperator && !client.MayUse(kEveryTenant)) {
    return absl::PermissionDeniedError("this is for clients that may use every tenant");
  }
  const bool unnamed = api.settings.auth_enabled && head.Header(kTenantHeader).empty();
  if (NamesTenant(route) && unnamed && !client.only_tenant().empty()) {
    return std::string(client.only_tenant());
  }
  ASSIGN_OR_RETURN(std::string tenant, TenantOfAnyone(api, route, head));
  if (NamesTenant(route) && !MayUseAll(client, tenant)) {
    return absl::PermissionDeniedError(StrCat("tenant '", tenant, "' is not for this client"));
  }
  return tenant;
}

http::Response UnknownClient() {
  http::Response response =
      ErrorResponse(absl::UnauthenticatedError("unauthorized"), ErrorStyle::kPlain);
  response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"skald\"");
  return response;
}

}  // namespace skald::api
