// Who may come in: what an access list says of a request's client, route and tenant.
#pragma once

#include <string>

#include "server/api/context.h"
#include "server/api/router.h"
#include "server/auth/credentials.h"
#include "server/http/request.h"
#include "server/http/response.h"

namespace skald::api {

// Whether requests for this route must say who sends them.
bool IsGuarded(const ApiContext& api, const Route& route);

// The tenant that a request is for, where nobody is asked who they are: empty for a route that has
// none. Errors are TenantOf's.
StatusOr<std::string> TenantOfAnyone(const ApiContext& api, const Route& route,
                                     const http::Request& head);

// The same for a client that is known. A request without a tenant means the client's only one.
// PermissionDenied for a tenant, or a route, that is not the client's.
StatusOr<std::string> TenantOfClient(const ApiContext& api, const Route& route,
                                     const http::Request& head, const auth::Identity& client);

// The answer to a client that is not known.
http::Response UnknownClient();

}  // namespace skald::api
