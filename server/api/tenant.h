// Which tenant a request is for.
#pragma once

#include <string>

#include "server/http/request.h"
#include "storage/base/status.h"

namespace skald::api {

// The id in the X-Scope-OrgID header, without what follows a colon; "fake" when authentication is
// off. Where `several` are allowed, `a|b` gives all ids, sorted and once each, with `|` between
// them. Unauthenticated: no header. InvalidArgument with Loki's text: an id that cannot be, or
// several different ones where one is wanted.
StatusOr<std::string> TenantOf(const http::Request& request, bool auth_enabled,
                               bool several = false);

}  // namespace skald::api
