// Loki's metrics of what was pushed and what was refused, per tenant and class of stream.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "ingest/distributor.h"
#include "storage/base/metrics.h"
#include "storage/base/mutex.h"
#include "storage/base/strings.h"

namespace skald::api {

// Tenants beyond the first few thousand share one label value, and so do clients beyond the first
// thousand, so that nobody can grow the registry. Threads: thread-safe.
class IngestMetrics {
 public:
  // `registry` must outlive this.
  explicit IngestMetrics(MetricsRegistry* registry);

  struct Push {
    std::string_view tenant;
    std::string_view format;  // of the endpoint: `loki` or `otlp`
    std::string_view user_agent;
    int64_t receive_time;  // wall ns
    const ingest::PushResult& result;
  };
  void Observe(const Push& push);

 private:
  struct Refused {
    Counter lines;
    Counter bytes;
  };
  // Of one tenant, format and class of streams.
  struct Handles {
    Counter bytes;
    Counter lines;
    Counter metadata_bytes;
    MetricsRegistry::Labels labels;
    std::array<Refused, ingest::kRefusalReasons> refused;
    std::array<bool, ingest::kRefusalReasons> has_refused{};
  };
  void ObserveClass(const Push& push, const ingest::StreamClass& stream_class,
                    const ingest::ClassTally& tally) SKALD_REQUIRES(mutex_);
  void ObserveRefused(const ingest::DiscardedByReason& discarded, Handles* handles)
      SKALD_REQUIRES(mutex_);
  void ObserveLag(const Push& push) SKALD_REQUIRES(mutex_);
  Handles* HandlesOf(const Push& push, const ingest::StreamClass& stream_class)
      SKALD_REQUIRES(mutex_);

  MetricsRegistry* const registry_;
  const Counter appends_;
  const Counter append_failures_;
  const Histogram bytes_per_line_;
  Mutex mutex_;
  // By format, tenant, policy and retention.
  StringMap<Handles> handles_ SKALD_GUARDED_BY(mutex_);
  StringMap<Counter> lags_ SKALD_GUARDED_BY(mutex_);  // by format, tenant and client
};

}  // namespace skald::api
