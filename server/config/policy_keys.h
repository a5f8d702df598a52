// The keys of limits_config that are about policies.
#pragma once

#include "server/config/key.h"

namespace skald::config {

// `policy_stream_mapping`: by policy a list of {selector, priority}.
Structure PolicyStreamMappingKey();

// `policy_enforced_labels`: by policy a list of labels.
Structure PolicyEnforcedLabelsKey();

// `block_ingestion_policy_until`: by policy a time.
Structure BlockIngestionPolicyUntilKey();

// `policy_override_limits`: by policy {max_streams_per_user, max_global_streams_per_user}.
Structure PolicyOverrideLimitsKey();

}  // namespace skald::config
