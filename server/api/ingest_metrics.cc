#include "server/api/ingest_metrics.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"

namespace skald::api {
namespace {

constexpr size_t kMaxTenants = 5000;
constexpr size_t kMaxClients = 1000;
constexpr size_t kMaxClientBytes = 100;
constexpr std::string_view kOthers = "__others__";
constexpr int64_t kNanosPerMilli = 1'000'000;

const std::vector<double>& LineSizeBounds() {
  static const std::vector<double> bounds = {1, 8, 64, 512, 4096, 32768, 262144, 2097152};
  return bounds;
}

MetricsRegistry::Labels LabelsFor(std::string_view tenant, std::string_view format,
                                  const ingest::StreamClass& stream_class) {
  return {{"tenant", std::string(tenant)},
          {"format", std::string(format)},
          {"is_internal_stream", "false"},
          {"policy", stream_class.policy},
          {"retention_hours", stream_class.retention_hours}};
}

MetricsRegistry::Labels WithReason(MetricsRegistry::Labels labels, std::string_view reason) {
  labels.erase("is_internal_stream");
  labels["reason"] = std::string(reason);
  // Loki has no name for "for ever" among what was received, and this one here.
  if (labels["retention_hours"].empty()) labels["retention_hours"] = "0";
  return labels;
}

// A client's name for itself as a label value.
std::string ClientLabel(std::string_view user_agent) {
  std::string label(user_agent.substr(0, kMaxClientBytes));
  std::replace_if(
      label.begin(), label.end(), [](char c) { return !absl::ascii_isprint(c); }, '_');
  return label;
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
                                            {{"ingester", "local"}})),
      bytes_per_line_(registry->GetHistogram("loki_bytes_per_line", "The bytes of each line.",
                                             LineSizeBounds())) {
  registry->GetGauge("loki_distributor_replication_factor", "Copies that are kept of each row.")
      .Set(1);
  registry->GetGauge("loki_distributor_ingester_clients", "Places that pushes are stored in.")
      .Set(1);
}

void IngestMetrics::Observe(const Push& push) {
  const ingest::PushResult& result = push.result;
  if (result.position) {
    appends_.Increment();
    bytes_per_line_.ObserveMany({result.line_sizes.begin(), result.line_sizes.end()},
                                static_cast<double>(result.stored.line_bytes));
  }
  if (absl::IsUnavailable(result.status) || absl::IsInternal(result.status)) {
    appends_.Increment();
    append_failures_.Increment();
  }
  MutexLock lock(&mutex_);
  for (size_t i = 0; i < result.classes.size(); ++i) {
    ObserveClass(push, result.settings->classes()[i].stream_class, result.classes[i]);
  }
  if (result.position) ObserveLag(push);
}

void IngestMetrics::ObserveClass(const Push& push, const ingest::StreamClass& stream_class,
                                 const ingest::ClassTally& tally) {
  const bool refused = std::any_of(tally.discarded.begin(), tally.discarded.end(),
                                   [](const auto& each) { return each.lines > 0; });
  if (tally.stored.lines == 0 && !refused) return;
  Handles* const handles = HandlesOf(push, stream_class);
  if (push.result.position) {
    handles->bytes.Increment(static_cast<double>(tally.stored.bytes()));
    handles->lines.Increment(static_cast<double>(tally.stored.lines));
    handles->metadata_bytes.Increment(static_cast<double>(tally.stored.metadata_bytes));
  }
  if (refused) ObserveRefused(tally.discarded, handles);
}

void IngestMetrics::ObserveRefused(const ingest::DiscardedByReason& all, Handles* handles) {
  for (size_t i = 0; i < ingest::kRefusalReasons; ++i) {
    const ingest::Discarded& discarded = all[i];
    if (discarded.lines == 0 && discarded.bytes == 0) continue;
    Refused& refused = handles->refused[i];
    if (!std::exchange(handles->has_refused[i], true)) {
      const auto labels =
          WithReason(handles->labels, ReasonLabel(static_cast<ingest::RefusalReason>(i)));
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

void IngestMetrics::ObserveLag(const Push& push) {
  std::string client = ClientLabel(push.user_agent);
  std::string tenant(push.tenant);
  auto found = lags_.find(StrCat(push.format, "/", tenant, "/", client));
  if (found == lags_.end()) {
    if (lags_.size() >= kMaxClients) client = tenant = kOthers;
    const MetricsRegistry::Labels labels = {
        {"tenant", tenant}, {"userAgent", client}, {"format", std::string(push.format)}};
    const Counter counter = registry_->GetCounter(
        "loki_distributor_lag_ms_total",
        "How far the newest line of each push was behind its arrival, in milliseconds.", labels);
    found = lags_.try_emplace(StrCat(push.format, "/", tenant, "/", client), counter).first;
  }
  int64_t lag = 0;
  const bool overflows = __builtin_sub_overflow(push.receive_time, push.result.newest, &lag);
  const int64_t millis = lag / kNanosPerMilli;  // whole ones, as Loki counts
  if (!overflows && lag > 0) found->second.Increment(static_cast<double>(millis));
}

IngestMetrics::Handles* IngestMetrics::HandlesOf(const Push& push,
                                                 const ingest::StreamClass& stream_class) {
  const auto key = [&](std::string_view tenant) {
    return StrCat(push.format, "/", tenant, "/", stream_class.policy, "/",
                  stream_class.retention_hours);
  };
  const auto found = handles_.find(key(push.tenant));
  if (found != handles_.end()) return &found->second;
  const std::string_view shown = handles_.size() < kMaxTenants ? push.tenant : kOthers;
  const auto [entry, added] = handles_.try_emplace(key(shown));
  Handles& handles = entry->second;
  if (!added) return &handles;
  handles.labels = LabelsFor(shown, push.format, stream_class);
  auto without_retention = handles.labels;
  without_retention.erase("retention_hours");
  handles.bytes =
      registry_->GetCounter("loki_distributor_bytes_received_total",
                            "The total number of uncompressed bytes received.", handles.labels);
  handles.lines = registry_->GetCounter("loki_distributor_lines_received_total",
                                        "The total number of lines received.", without_retention);
  handles.metadata_bytes = registry_->GetCounter(
      "loki_distributor_structured_metadata_bytes_received_total",
      "The total number of structured metadata bytes received.", handles.labels);
  return &handles;
}

}  // namespace skald::api
