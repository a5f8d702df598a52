// The classes that a tenant's configuration divides its streams into: policies
// (`policy_stream_mapping`) and retention periods.
#pragma once

#include <memory>

#include "ingest/stream_class.h"
#include "server/config/config.h"

namespace skald {

// InvalidArgument when a selector does not parse.
StatusOr<std::shared_ptr<const ingest::StreamClassifier>> MakeStreamClassifier(
    const config::TenantLimits& limits);

}  // namespace skald
