// The keys of limits_config that are subtrees.
#pragma once

#include "server/config/key.h"

namespace skald::config {

// `retention_stream`: a list of {selector, priority, period}.
Structure RetentionStreamKey();

// `blocked_queries`: a list of {pattern, regex, types, hash}.
Structure BlockedQueriesKey();

// `otlp_config`: which attributes become labels, metadata, or nothing.
Structure OtlpConfigKey();

}  // namespace skald::config
