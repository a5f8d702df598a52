// The limits and options of one tenant that concern pushes, with Loki's names and defaults, except
// that the rate and stream-count limits are off (0) unless configured.
//
// Those that decide how a body becomes rows are logged with every push (SerializeLimits), so that
// replay decides alike under any later configuration.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/otlp_config.h"
#include "storage/base/status.h"

namespace skald::ingest {

// What streams under a policy have instead of the tenant's limits; 0: nothing.
struct PolicyLimits {
  uint32_t max_global_streams_per_user = 0;
  uint32_t max_streams_per_user = 0;
  bool operator==(const PolicyLimits&) const = default;
};

struct IngestLimits {
  // Lines.
  uint64_t max_line_size = 256 << 10;  // 0: off
  bool max_line_size_truncate = false;
  std::string max_line_size_truncate_identifier;

  // Labels.
  uint32_t max_label_names_per_series = 15;
  uint32_t max_label_name_length = 1024;
  uint32_t max_label_value_length = 2048;
  std::vector<std::string> enforced_labels;

  // Time.
  bool reject_old_samples = true;
  std::chrono::nanoseconds reject_old_samples_max_age = std::chrono::hours(7 * 24);
  std::chrono::nanoseconds creation_grace_period = std::chrono::minutes(10);
  bool increment_duplicate_timestamp = false;

  // Structured metadata.
  bool allow_structured_metadata = true;
  uint64_t max_structured_metadata_size = 64 << 10;      // 0: off
  uint32_t max_structured_metadata_entries_count = 128;  // 0: off

  // Discovery.
  std::vector<std::string> discover_service_name = DefaultServiceNameLabels();
  bool discover_log_levels = true;
  std::vector<std::string> log_level_fields = DefaultLogLevelFields();
  uint32_t log_level_from_json_max_depth = 2;

  // Blocked until this wall time (ns); 0: not blocked.
  int64_t block_ingestion_until = 0;
  int block_ingestion_status_code = 260;

  // Rates, in bytes a second, and the number of active streams; 0: off.
  double ingestion_rate = 0;
  double ingestion_burst = 0;
  double per_stream_rate = 0;
  double per_stream_burst = 0;
  uint32_t max_global_streams_per_user = 0;
  uint32_t max_streams_per_user = 0;

  // By policy; `*` is every policy among labels, and no policy among blocks (wall ns).
  std::map<std::string, std::vector<std::string>, std::less<>> policy_enforced_labels;
  std::map<std::string, int64_t, std::less<>> block_ingestion_policy_until;
  std::map<std::string, PolicyLimits, std::less<>> policy_override_limits;

  OtlpConfig otlp_config;

  static std::vector<std::string> DefaultServiceNameLabels();
  static std::vector<std::string> DefaultLogLevelFields();
  bool operator==(const IngestLimits&) const = default;
};

// The part of the limits that decides how accepted entries become rows, as bytes for the log.
std::string SerializeLimits(const IngestLimits& limits);

// The inverse; limits that were not serialised have their defaults. DataLoss when damaged.
StatusOr<IngestLimits> ParseLimits(std::string_view bytes);

}  // namespace skald::ingest
