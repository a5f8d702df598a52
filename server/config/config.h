// The settings in force: what the defaults, the files and the command line come to.
//
// Every member is a key of the table in key_table.h, which names it, parses it, prints it and
// documents it; the defaults are the ones written here. Loki's keys that have no effect here are
// not kept, only their names.
//
// Threads: immutable once loaded.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/limits.h"
#include "query/engine/limits.h"
#include "server/http/tls_options.h"
#include "storage/base/log.h"
#include "storage/base/strings.h"
#include "storage/base/units.h"

namespace skald::config {

// `server`.
struct ServerConfig {
  std::string http_listen_address;  // empty: every address
  uint16_t http_listen_port = 3100;
  uint32_t http_listen_conn_limit = 0;  // 0: the transport's own
  std::string http_path_prefix;         // before every path, such as `/loki-prefix`; or empty
  std::chrono::nanoseconds http_server_read_timeout = std::chrono::seconds(30);
  std::chrono::nanoseconds http_server_read_header_timeout{};  // 0: the read timeout
  std::chrono::nanoseconds http_server_write_timeout = std::chrono::seconds(30);
  std::chrono::nanoseconds http_server_idle_timeout = std::chrono::minutes(2);
  std::chrono::nanoseconds graceful_shutdown_timeout = std::chrono::seconds(30);
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kLogfmt;
  http::TlsOptions tls;
};

// `skald`: what Loki has no key for. A zero leaves the choice to the program, which knows the
// machine.
struct ResourceConfig {
  std::string data_dir;        // where everything is stored; derived by LoadConfig when not set
  uint64_t memory_limit = 0;   // of the whole process
  uint64_t memtable_size = 0;  // frozen at this size
  uint64_t page_cache_size = 0;
  uint64_t free_space_reserve = 0;  // below it, pushes are refused
  uint64_t disk_limit = 0;          // above it, the oldest parts go; 0: none
  std::chrono::nanoseconds memtable_max_age = std::chrono::hours(1);
  uint32_t network_threads = 0;
  uint32_t push_threads = 0;
  uint32_t query_threads = 0;
};

// `skald.auth`: the access list, if there is one.
struct AuthConfig {
  std::string file;
  std::string variable;  // of the environment
  std::vector<std::string> unguarded_paths = {"/ready"};
};

// One of `limits_config.retention_stream`.
struct RetentionRule {
  std::string selector;
  int64_t priority = 0;
  std::chrono::nanoseconds period{};

  bool operator==(const RetentionRule&) const = default;
};

// One of `limits_config.policy_stream_mapping`.
struct PolicyRule {
  std::string policy;
  std::string selector;
  int64_t priority = 0;

  bool operator==(const PolicyRule&) const = default;
};

// `limits_config`, for everyone or for one tenant.
struct TenantLimits {
  ingest::IngestLimits ingest;
  std::vector<PolicyRule> policy_stream_mapping;  // those of a policy in a row
  query::QueryLimits query;
  std::chrono::nanoseconds query_timeout = std::chrono::minutes(1);
  bool volume_enabled = true;
  uint32_t max_concurrent_tail_requests = 10;
  std::string deletion_mode = "filter-and-delete";
  // Rows older than this are gone; 0: kept for ever.
  std::chrono::nanoseconds retention_period = std::chrono::hours(7 * 24);
  std::vector<RetentionRule> retention_stream;
  bool metric_aggregation_enabled = false;
  bool pattern_persistence_enabled = false;

  bool operator==(const TenantLimits&) const = default;
};

// `compactor`.
struct CompactorConfig {
  bool retention_enabled = false;
  std::chrono::nanoseconds retention_delete_delay = std::chrono::hours(2);
  std::chrono::nanoseconds delete_request_cancel_period = std::chrono::hours(24);
};

struct Config {
  std::string target = "all";
  bool auth_enabled = true;
  ServerConfig server;
  ResourceConfig skald;
  AuthConfig auth;

  std::string path_prefix;           // common.path_prefix
  std::string chunks_directory;      // common.storage.filesystem.chunks_directory
  std::string filesystem_directory;  // storage_config.filesystem.directory

  // Where Loki's rule files lie: common.storage.filesystem, ruler.storage.local,
  // ruler_storage.local.
  std::string rules_directory;
  std::string ruler_directory;
  std::string ruler_storage_directory;

  uint64_t max_recv_msg_size = 100_MiB;       // of a push as received
  uint64_t max_decompressed_size = 5000_MiB;  // of a push once decompressed

  uint64_t max_body_size = 10_MiB;  // of a query's form
  bool compress_responses = false;
  int64_t log_queries_longer_than = 10'000'000'000;  // ns; 0: none, below 0: all
  uint32_t max_outstanding_per_tenant = 2048;        // queries that wait

  uint32_t querier_max_concurrent = 4;
  bool multi_tenant_queries_enabled = false;
  bool per_request_limits_enabled = false;
  std::chrono::nanoseconds tail_max_duration = std::chrono::hours(1);
  std::chrono::nanoseconds engine_max_look_back_period = std::chrono::seconds(30);

  TenantLimits limits;
  std::vector<std::string> tenant_limits_allow_publish = DefaultPublishedLimits();
  CompactorConfig compactor;
  bool pattern_ingester_enabled = true;
  std::string metrics_namespace = "loki";

  // `runtime_config`: files with the limits of single tenants, comma-separated, and how often to
  // look whether they changed.
  std::string runtime_config_file;
  std::chrono::nanoseconds runtime_config_period = std::chrono::seconds(10);

  // Keys and flags that were given and have no effect here, for one line of the log.
  std::vector<std::string> without_effect;

  static std::vector<std::string> DefaultPublishedLimits();
};

// The limits of single tenants, by tenant; who is not in it has Config::limits.
using TenantOverrides = StringMap<TenantLimits>;

// What is wrong with settings that are each well-formed, in Loki's words: `invalid limits_config
// config: …`. InvalidArgument.
Status ValidateConfig(const Config& config);
// Likewise: `limits of tenant team-a: …`.
Status ValidateOverrides(const TenantOverrides& overrides);

enum class ConfigView { kEffective, kDefaults, kDiff };

// The settings as a YAML document, which LoadConfig reads back to the same settings; kDiff has only
// those that differ from the defaults. Keys without effect are never shown.
std::string ConfigYaml(const Config& config, ConfigView view);

// The limits that `tenant_limits_allow_publish` names as a JSON object, each value in the form
// that Loki publishes it (`"1m"`, `"0B"`, `500`).
std::string PublishedLimitsJson(const Config& config, const TenantLimits& limits);

// The same limits as a YAML document.
std::string PublishedLimitsYaml(const Config& config, const TenantLimits& limits);

}  // namespace skald::config
