// How long logs are kept, read from a configuration file or asked of a server.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "storage/engine.h"
#include "tools/cli/response.h"

namespace skald::cli {

// Periods by tenant: those of the configuration file, under `limits_config`, and those of its
// overrides, under `overrides`. What a file does not say has this server's defaults.
struct RetentionConfig {
  storage::TenantRetention fallback;
  std::map<std::string, storage::TenantRetention> tenants;

  const storage::TenantRetention& Of(const std::string& tenant) const;
};

// Reads the file and, when it names one (`runtime_config.file`, `per_tenant_override_config`), the
// overrides beside it. NotFound or InvalidArgument, naming the file.
StatusOr<RetentionConfig> ReadRetentionConfig(const std::string& path);

// A tenant's periods from an answer of /loki/api/v1/drilldown-limits.
StatusOr<storage::TenantRetention> ParseRetentionLimits(std::string_view json);

// What decides how long a stream is kept.
struct RetentionChoice {
  std::string rule;                    // the rule's selector; empty: the tenant's period
  int64_t priority = 0;                // of the rule
  std::chrono::nanoseconds period{0};  // 0: for ever
};

// Threads: immutable.
class RetentionChooser {
 public:
  explicit RetentionChooser(const storage::TenantRetention& retention);
  RetentionChoice Choose(const Labels& labels) const;

 private:
  const int64_t period_nanos_;
  const storage::RetentionCuts cuts_;  // as of the end of time
};

// `for ever`, `31d`.
std::string PeriodText(std::chrono::nanoseconds period);

}  // namespace skald::cli
