// Keys of the parts that Loki calls services.
#include "server/config/key_field.h"
#include "server/config/key_table.h"

namespace skald::config {
namespace {

using enum ValueType;
using enum KeyStatus;

const Key kServiceKeys[] = {
    {"distributor.max_recv_msg_size", "distributor.max-recv-msg-size", kInt, kHonoured,
     SKALD_FIELD(max_recv_msg_size), "Bytes of a push as received; larger ones get 413."},
    {"distributor.max_decompressed_size", "distributor.max-decompressed-size", kInt, kHonoured,
     SKALD_FIELD(max_decompressed_size), "Bytes of a push once decompressed."},
    {"distributor.otlp_config.default_resource_attributes_as_index_labels",
     "distributor.otlp.default_resource_attributes_as_index_labels", kStringList, kHonoured,
     SKALD_FIELD(limits.ingest.otlp_config.default_index_labels),
     "OpenTelemetry resource attributes that become labels."},

    {"querier.max_concurrent", "querier.max-concurrent", kInt, kHonoured,
     SKALD_FIELD(querier_max_concurrent),
     "Heavy queries that are answered at once; two threads more answer light ones."},
    {"querier.tail_max_duration", "querier.tail-max-duration", kGoDuration, kHonoured,
     SKALD_FIELD(tail_max_duration), "How long one tail may last."},
    {"querier.multi_tenant_queries_enabled", "querier.multi-tenant-queries-enabled", kBool,
     kHonoured, SKALD_FIELD(multi_tenant_queries_enabled),
     "Whether a query may name several tenants."},
    {"querier.per_request_limits_enabled", "querier.per-request-limits-enabled", kBool, kHonoured,
     SKALD_FIELD(per_request_limits_enabled),
     "Whether a query may bring stricter limits, in the header `X-Loki-Query-Limits`."},
    {"querier.engine.max_look_back_period", "querier.engine.max-lookback-period", kGoDuration,
     kKept, SKALD_FIELD(engine_max_look_back_period),
     "How far an instant query over log lines looks back."},

    {"frontend.max_body_size", "frontend.max-body-size", kInt, kHonoured,
     SKALD_FIELD(max_body_size), "Bytes of a query's form."},
    {"frontend.max_outstanding_per_tenant", "querier.max-outstanding-requests-per-tenant", kInt,
     kHonoured, SKALD_FIELD(max_outstanding_per_tenant),
     "Queries of one tenant that wait to be answered; above, they get 429."},
    {"frontend.compress_responses", "querier.compress-http-responses", kBool, kHonoured,
     SKALD_FIELD(compress_responses), "Whether answers to queries are compressed for who asks."},

    {"frontend.log_queries_longer_than", "frontend.log-queries-longer-than", kGoDuration, kHonoured,
     SKALD_FIELD(log_queries_longer_than),
     "Queries that take longer are logged with what they read and skipped; 0: none, below 0: all. "
     "(Loki: 0)"},

    {"pattern_ingester.enabled", "pattern-ingester.enabled", kBool, kHonoured,
     SKALD_FIELD(pattern_ingester_enabled),
     "Whether the patterns endpoint answers. Patterns are found when asked for; pushing costs "
     "nothing. (Loki: false)"},

    {"compactor.retention_enabled", "compactor.retention-enabled", kBool, kHonoured,
     SKALD_FIELD(compactor.retention_enabled),
     "No effect but on a warning: rows older than their period are always removed."},
    {"compactor.retention_delete_delay", "compactor.retention-delete-delay", kGoDuration, kHonoured,
     SKALD_FIELD(compactor.retention_delete_delay),
     "How long data that is no longer needed stays on disk."},
    {"compactor.delete_request_cancel_period", "compactor.delete-request-cancel-period",
     kGoDuration, kHonoured, SKALD_FIELD(compactor.delete_request_cancel_period),
     "How long a delete request can be taken back; its rows stay on disk that long."},

    {"ruler.storage.local.directory", "ruler.storage.local.directory", kString, kHonoured,
     SKALD_FIELD(ruler_directory), "The same as `common.storage.filesystem.rules_directory`."},
    {"ruler_storage.local.directory", "ruler-storage.local.directory", kString, kHonoured,
     SKALD_FIELD(ruler_storage_directory),
     "The same as `common.storage.filesystem.rules_directory`."},

    {"runtime_config.file", "runtime-config.file", kString, kHonoured,
     SKALD_FIELD(runtime_config_file),
     "Comma-separated files with the limits of single tenants under `overrides`."},
    {"runtime_config.period", "runtime-config.reload-period", kGoDuration, kHonoured,
     SKALD_FIELD(runtime_config_period), "How often to look whether those files changed."},

    {"tenant_limits_allow_publish", "limits.tenant-limits-allow-publish", kStringList, kHonoured,
     SKALD_FIELD(tenant_limits_allow_publish),
     "Limits that clients may read, for Grafana's drilldown; empty: all."},
    {"metrics_namespace", "metrics-namespace", kString, kHonoured, SKALD_FIELD(metrics_namespace),
     "Stands for `loki` as the first word of the names of Loki's metrics."},
};

}  // namespace

std::span<const Key> ServiceKeys() { return kServiceKeys; }

}  // namespace skald::config
