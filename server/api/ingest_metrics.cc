#include "server/api/ingest_metrics.h"

namespace skald::api {
namespace {

constexpr size_t kMaxTenants = 5000;
constexpr std::string_view kOtherTenants = "__others__";

MetricsRegistry::Labels LabelsFor(std::string_view tenant, std::string_view format) {
  return {{"tenant", std::string(tenant)},
          {"format", std::string(format)},
          {"is_internal_stream", "false"},
          {"policy", ""},
          {"retention_hours", ""}};
}

MetricsRegistry::Labels WithReason(MetricsRegistry::Labels labels, std::string_view reason) {
  labels.erase("is_internal_stream");
  labels["reason"] = std::string(reason);
  return labels;
}

}  // namespace

// In Loki a distributor hands pushes to ingesters; here both are this process.
IngestMetrics::IngestMetrics(MetricsRegistry* registry)
    : registry_(registry),
      appends_(registry->GetCounter("loki_distributor_ingester_appends_total",
                                    "The total number of pushes handed to storage.",
                                    {{"ingester", "local"}})),
      append_failures_(registry->GetCounter("loki_distributor_ingester_append_failures_total",
                                            "The total number of pushes that storage did not take.",
                                            {{"ingester", "local"}})) {
  registry->GetGauge("loki_distributor_replication_factor", "Copies that are kept of each row.")
      .Set(1);
  registry->GetGauge("loki_distributor_ingester_clients", "Places that pushes are stored in.")
      .Set(1);
}

void IngestMetrics::Observe(std::string_view tenant, std::string_view format,
                            const ingest::PushResult& result) {
  if (result.position) appends_.Increment();
  if (absl::IsUnavailable(result.status) || absl::IsInternal(result.status)) {
    appends_.Increment();
    append_failures_.Increment();
  }
  MutexLock lock(&mutex_);
  Tenant* const handles = TenantOf(tenant, format);
  handles->received.bytes.Increment(static_cast<double>(result.stored.bytes()));
  handles->received.lines.Increment(static_cast<double>(result.stored.lines));
  handles->received.metadata_bytes.Increment(static_cast<double>(result.stored.metadata_bytes));
  for (size_t i = 0; i < ingest::kRefusalReasons; ++i) {
    const ingest::Discarded& discarded = result.discarded[i];
    if (discarded.lines == 0 && discarded.bytes == 0) continue;
    Refused& refused = handles->refused[i];
    if (!std::exchange(handles->has_refused[i], true)) {
      const auto labels =
          WithReason(LabelsFor(tenants_.size() > kMaxTenants ? kOtherTenants : tenant, format),
                     ReasonLabel(static_cast<ingest::RefusalReason>(i)));
      refused.lines =
          registry_->GetCounter("loki_discarded_samples_total",
                                "The total number of samples that were discarded.", labels);
      refused.bytes = registry_->GetCounter(
          "loki_discarded_bytes_total", "The total number of bytes that were discarded.", labels);
    }
    refused.lines.Increment(static_cast<double>(discarded.lines));
    refused.bytes.Increment(static_cast<double>(discarded.bytes));
  }
}

IngestMetrics::Tenant* IngestMetrics::TenantOf(std::string_view tenant, std::string_view format) {
  const auto found = tenants_.find(StrCat(format, "/", tenant));
  if (found != tenants_.end()) return &found->second;
  const std::string_view shown = tenants_.size() < kMaxTenants ? tenant : kOtherTenants;
  const auto [entry, added] = tenants_.try_emplace(StrCat(format, "/", shown));
  if (!added) return &entry->second;
  const auto labels = LabelsFor(shown, format);
  auto without_retention = labels;
  without_retention.erase("retention_hours");
  Received& received = entry->second.received;
  received.bytes =
      registry_->GetCounter("loki_distributor_bytes_received_total",
                            "The total number of uncompressed bytes received.", labels);
  received.lines = registry_->GetCounter("loki_distributor_lines_received_total",
                                         "The total number of lines received.", without_retention);
  received.metadata_bytes =
      registry_->GetCounter("loki_distributor_structured_metadata_bytes_received_total",
                            "The total number of structured metadata bytes received.", labels);
  return &entry->second;
}

}  // namespace skald::api
