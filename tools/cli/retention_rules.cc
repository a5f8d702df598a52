#include "tools/cli/retention_rules.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "absl/strings/str_join.h"
#include "query/syntax/parser.h"
#include "storage/base/duration.h"
#include "tools/cli/json_document.h"

namespace skald::cli {
namespace {

using storage::TenantRetention;

constexpr int64_t kEndOfTime = std::numeric_limits<int64_t>::max();

StatusOr<int64_t> PeriodNanos(std::string_view text) {
  ASSIGN_OR_RETURN(std::chrono::nanoseconds period, ParsePrometheusDuration(text));
  return period.count();
}

StatusOr<storage::RetentionRule> MakeRule(std::string_view selector, int64_t priority,
                                          std::string_view period) {
  storage::RetentionRule rule;
  ASSIGN_OR_RETURN(rule.matchers, query::ParseMatchers(selector));
  ASSIGN_OR_RETURN(rule.period_nanos, PeriodNanos(period));
  rule.priority = priority;
  return rule;
}

// Lays what `limits` says over `retention`.
Status ReadLimits(const YAML::Node& limits, TenantRetention* retention) {
  if (!limits || !limits.IsMap()) return absl::OkStatus();
  if (auto period = limits["retention_period"]) {
    ASSIGN_OR_RETURN(retention->period_nanos, PeriodNanos(period.as<std::string>()));
  }
  if (auto rules = limits["retention_stream"]) {
    retention->streams.clear();
    for (const YAML::Node& item : rules) {
      ASSIGN_OR_RETURN(storage::RetentionRule rule,
                       MakeRule(item["selector"].as<std::string>(), item["priority"].as<int64_t>(0),
                                item["period"].as<std::string>()));
      retention->streams.push_back(std::move(rule));
    }
  }
  return absl::OkStatus();
}

Status ReadOverrides(const YAML::Node& overrides, RetentionConfig* config) {
  if (!overrides || !overrides.IsMap()) return absl::OkStatus();
  for (const auto& item : overrides) {
    TenantRetention tenant = config->fallback;
    RETURN_IF_ERROR(ReadLimits(item.second, &tenant));
    config->tenants[item.first.as<std::string>()] = std::move(tenant);
  }
  return absl::OkStatus();
}

// Empty when `node` is no map or has no such key.
std::string TextAt(const YAML::Node& node, const std::string& key) {
  return node && node.IsMap() && node[key] ? node[key].as<std::string>() : "";
}

// The overrides' file as the configuration names it; one that is not there is looked for beside it.
std::string OverridesPath(const YAML::Node& root, const std::string& path) {
  std::string name = TextAt(root["limits_config"], "per_tenant_override_config");
  if (name.empty()) name = TextAt(root["runtime_config"], "file");
  if (name.empty() || std::filesystem::exists(name)) return name;
  std::filesystem::path beside = std::filesystem::path(path).parent_path();
  return beside / std::filesystem::path(name).filename();
}

// yaml-cpp throws; this is the one place that catches.
StatusOr<RetentionConfig> Read(const std::string& path) {
  std::string reading = path;
  try {
    RetentionConfig config;
    // Read through a const node: asking for what is absent must not add it.
    const YAML::Node root = YAML::LoadFile(path);
    if (!root.IsMap()) return InvalidArgument("not a map of settings");
    RETURN_IF_ERROR(ReadLimits(root["limits_config"], &config.fallback));
    RETURN_IF_ERROR(ReadOverrides(root["overrides"], &config));
    reading = OverridesPath(root, path);
    if (reading.empty()) return config;
    const YAML::Node overrides = YAML::LoadFile(reading);
    RETURN_IF_ERROR(ReadOverrides(overrides["overrides"], &config));
    return config;
  } catch (const YAML::BadFile&) {
    return NotFound(StrCat("cannot read ", reading));
  } catch (const YAML::Exception& error) {
    return InvalidArgument(error.what());
  }
}

bool MatchesAll(const std::vector<Matcher>& matchers, const Labels& labels) {
  return std::all_of(matchers.begin(), matchers.end(), [&](const Matcher& matcher) {
    auto it = labels.find(matcher.name());
    return matcher.Matches(it == labels.end() ? std::string_view() : it->second);
  });
}

std::string SelectorText(const std::vector<Matcher>& matchers) {
  return StrCat("{",
                absl::StrJoin(matchers, ", ",
                              [](std::string* out, const Matcher& m) { *out += m.ToString(); }),
                "}");
}

}  // namespace

const TenantRetention& RetentionConfig::Of(const std::string& tenant) const {
  auto it = tenants.find(tenant);
  return it == tenants.end() ? fallback : it->second;
}

StatusOr<RetentionConfig> ReadRetentionConfig(const std::string& path) {
  auto config = Read(path);
  return config.ok() ? config : Annotate(config.status(), path);
}

StatusOr<TenantRetention> ParseRetentionLimits(std::string_view json) {
  JsonDocument document;
  ASSIGN_OR_RETURN(simdjson::dom::element root, document.Parse(json));
  TenantRetention retention;
  simdjson::dom::element limits;
  if (root["limits"].get(limits) != simdjson::SUCCESS) {
    return InvalidArgument("the answer holds no limits");
  }
  ASSIGN_OR_RETURN(retention.period_nanos, PeriodNanos(TextOf(limits["retention_period"])));
  for (simdjson::dom::element item : ArrayAt(limits, "retention_stream")) {
    ASSIGN_OR_RETURN(
        storage::RetentionRule rule,
        MakeRule(TextOf(item["selector"]), IntegerOf(item["priority"]), TextOf(item["period"])));
    retention.streams.push_back(std::move(rule));
  }
  return retention;
}

RetentionChooser::RetentionChooser(const TenantRetention& retention)
    : period_nanos_(retention.period_nanos), cuts_(retention, kEndOfTime) {}

RetentionChoice RetentionChooser::Choose(const Labels& labels) const {
  for (const storage::RetentionCuts::Rule& rule : cuts_.rules()) {  // in order of precedence
    if (!MatchesAll(rule.matchers, labels)) continue;
    bool for_ever = rule.cut == std::numeric_limits<int64_t>::min();
    return {SelectorText(rule.matchers), rule.priority,
            std::chrono::nanoseconds(for_ever ? 0 : kEndOfTime - rule.cut)};
  }
  return {"", 0, std::chrono::nanoseconds(period_nanos_)};
}

std::string PeriodText(std::chrono::nanoseconds period) {
  if (period.count() <= 0) return "for ever";
  constexpr auto kDay = std::chrono::hours(24);
  if (period % kDay == std::chrono::nanoseconds(0)) return StrCat(period / kDay, "d");
  return FormatPrometheusDuration(period);
}

}  // namespace skald::cli
