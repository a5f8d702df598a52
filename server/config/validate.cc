#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "ingest/settings.h"
#include "query/syntax/parser.h"
#include "server/config/config.h"
#include "server/config/targets.h"
#include "storage/base/duration.h"

namespace skald::config {
namespace {

constexpr std::chrono::hours kShortestStreamRetention{24};

Status CheckRetentionRule(const RetentionRule& rule) {
  const auto matchers = query::ParseMatchers(rule.selector, query::EmptySelector::kRefused);
  if (!matchers.ok()) return Annotate(matchers.status(), "invalid labels matchers");
  if (rule.period >= kShortestStreamRetention) return absl::OkStatus();
  return InvalidArgument(
      StrCat("retention period must be >= 24h was ", FormatPrometheusDuration(rule.period)));
}

Status CheckLimits(const TenantLimits& limits) {
  const std::string& mode = limits.deletion_mode;
  if (mode != "disabled" && mode != "filter-only" && mode != "filter-and-delete") {
    return InvalidArgument(
        "unknown deletion mode: must be one of disabled|filter-only|filter-and-delete");
  }
  for (const RetentionRule& rule : limits.retention_stream) {
    RETURN_IF_ERROR(CheckRetentionRule(rule));
  }
  for (const PolicyRule& rule : limits.policy_stream_mapping) {
    const auto matchers = query::ParseMatchers(rule.selector, query::EmptySelector::kRefused);
    RETURN_IF_ERROR(
        Annotate(matchers.status(), "invalid labels matchers for policy stream mapping"));
  }
  const int code = limits.ingest.block_ingestion_status_code;
  if (code < 200 || code > 599) {
    return InvalidArgument(StrCat("invalid block_ingestion_status_code: ", code));
  }
  return ingest::IngestSettings::Create(limits.ingest).status();
}

Status CheckServer(const ServerConfig& server) {
  const std::string& prefix = server.http_path_prefix;
  if (prefix.empty() || (prefix.starts_with('/') && !prefix.ends_with('/')))
    return absl::OkStatus();
  return InvalidArgument(
      StrCat("http_path_prefix must begin with a slash and not end with one: ", prefix));
}

// What metrics' names may begin with.
Status CheckMetricsNamespace(const std::string& name) {
  const bool valid = std::all_of(name.begin(), name.end(),
                                 [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
  if (valid && (name.empty() || !absl::ascii_isdigit(name[0]))) return absl::OkStatus();
  return InvalidArgument(StrCat("invalid metrics_namespace: ", name));
}

Status CheckTarget(const std::string& target) {
  for (const absl::string_view name : absl::StrSplit(target, ',')) {
    const std::span<const std::string_view> known = Targets();
    if (std::find(known.begin(), known.end(), ToStd(name)) == known.end()) {
      return InvalidArgument(StrCat("unrecognised target: ", ToStd(name)));
    }
  }
  return absl::OkStatus();
}

}  // namespace

Status ValidateConfig(const Config& config) {
  RETURN_IF_ERROR(CheckTarget(config.target));
  RETURN_IF_ERROR(CheckMetricsNamespace(config.metrics_namespace));
  RETURN_IF_ERROR(Annotate(CheckServer(config.server), "invalid server config"));
  return Annotate(CheckLimits(config.limits), "invalid limits_config config");
}

Status ValidateOverrides(const TenantOverrides& overrides) {
  for (const auto& [tenant, limits] : overrides) {
    RETURN_IF_ERROR(Annotate(CheckLimits(limits), StrCat("limits of tenant ", tenant)));
  }
  return absl::OkStatus();
}

}  // namespace skald::config
