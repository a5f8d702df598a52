// The endpoints, one file each; see docs/api.md for what they take and answer.
#pragma once

#include "server/api/call.h"

namespace skald::api {

// Pushes.
Reply Push(const ApiContext& api, const Call& call);
Reply LegacyPush(const ApiContext& api, const Call& call);
Reply OtlpPush(const ApiContext& api, const Call& call);

// Queries.
Reply QueryRange(const ApiContext& api, const Call& call);
Reply QueryInstant(const ApiContext& api, const Call& call);
Reply LegacyQuery(const ApiContext& api, const Call& call);
Reply TailStream(const ApiContext& api, const Call& call);
Reply LegacyTailStream(const ApiContext& api, const Call& call);
Reply FormatQuery(const ApiContext& api, const Call& call);

// Labels, streams and their sizes.
Reply Labels(const ApiContext& api, const Call& call);
Reply LabelValues(const ApiContext& api, const Call& call);
Reply LegacyLabels(const ApiContext& api, const Call& call);
Reply LegacyLabelValues(const ApiContext& api, const Call& call);
Reply Series(const ApiContext& api, const Call& call);
Reply IndexStats(const ApiContext& api, const Call& call);
Reply IndexShards(const ApiContext& api, const Call& call);
Reply Volume(const ApiContext& api, const Call& call);
Reply VolumeRange(const ApiContext& api, const Call& call);
Reply Patterns(const ApiContext& api, const Call& call);
Reply DetectedLabels(const ApiContext& api, const Call& call);
Reply DetectedFields(const ApiContext& api, const Call& call);
Reply DetectedFieldValues(const ApiContext& api, const Call& call);

// Delete requests.
Reply Delete(const ApiContext& api, const Call& call);

// The process.
Reply Ready(const ApiContext& api, const Call& call);
Reply Services(const ApiContext& api, const Call& call);
Reply BuildInfo(const ApiContext& api, const Call& call);
Reply Metrics(const ApiContext& api, const Call& call);
Reply ConfigPage(const ApiContext& api, const Call& call);
Reply DrilldownLimits(const ApiContext& api, const Call& call);
Reply LogLevelPage(const ApiContext& api, const Call& call);
Reply TenantLimits(const ApiContext& api, const Call& call);
Reply Flush(const ApiContext& api, const Call& call);
Reply Compact(const ApiContext& api, const Call& call);
Reply Shutdown(const ApiContext& api, const Call& call);
Reply PrepareShutdown(const ApiContext& api, const Call& call);
Reply RingPage(const ApiContext& api, const Call& call);
Reply MemberlistPage(const ApiContext& api, const Call& call);

// Rules: none are kept, so there are none to list.
Reply RuleGroups(const ApiContext& api, const Call& call);
Reply PrometheusRules(const ApiContext& api, const Call& call);
Reply PrometheusAlerts(const ApiContext& api, const Call& call);

}  // namespace skald::api
