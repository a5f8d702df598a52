// What queries over several tenants at once may do.
#pragma once

#include "server/api/context.h"

namespace skald::api {

// Of each setting the stricter one.
TenantQuerySettings Strictest(const TenantQuerySettings& a, const TenantQuerySettings& b);

}  // namespace skald::api
