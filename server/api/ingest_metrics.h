// Loki's metrics of what was pushed and what was refused, per tenant.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "ingest/distributor.h"
#include "storage/base/metrics.h"
#include "storage/base/mutex.h"
#include "storage/base/strings.h"

namespace skald::api {

// Tenants beyond the first few thousand share one label value, so that clients cannot grow the
// registry. Threads: thread-safe.
class IngestMetrics {
 public:
  // `registry` must outlive this.
  explicit IngestMetrics(MetricsRegistry* registry);

  // `format` names the endpoint's wire format: `loki` or `otlp`.
  void Observe(std::string_view tenant, std::string_view format, const ingest::PushResult& result);

 private:
  struct Received {
    Counter bytes;
    Counter lines;
    Counter metadata_bytes;
  };
  struct Refused {
    Counter lines;
    Counter bytes;
  };
  struct Tenant {
    Received received;
    std::array<Refused, ingest::kRefusalReasons> refused;
    std::array<bool, ingest::kRefusalReasons> has_refused{};
  };
  Tenant* TenantOf(std::string_view tenant, std::string_view format) SKALD_REQUIRES(mutex_);

  MetricsRegistry* const registry_;
  const Counter appends_;
  const Counter append_failures_;
  Mutex mutex_;
  StringMap<Tenant> tenants_ SKALD_GUARDED_BY(mutex_);  // by `format/tenant`
};

}  // namespace skald::api
