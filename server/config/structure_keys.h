// The keys of limits_config that are subtrees.
#pragma once

#include "server/config/key.h"

namespace skald::config {

// `retention_stream`: a list of {selector, priority, period}.
Structure RetentionStreamKey();

// `otlp_config`: which attributes become labels, metadata, or nothing.
Structure OtlpConfigKey();

}  // namespace skald::config
