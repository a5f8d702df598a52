// The configured retention in the form that the storage engine applies.
#pragma once

#include <memory>

#include "server/config/config.h"
#include "storage/engine.h"

namespace skald {

// One tenant's periods. InvalidArgument when a rule's selector does not parse.
StatusOr<storage::TenantRetention> MakeTenantRetention(const config::TenantLimits& limits);

// InvalidArgument when a rule's selector does not parse.
StatusOr<std::shared_ptr<const storage::RetentionPolicy>> MakeRetentionPolicy(
    const config::TenantLimits& defaults, const config::TenantOverrides& overrides);

}  // namespace skald
