#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "storage/base/byte_size.h"
#include "tools/cli/commands.h"
#include "tools/cli/output.h"
#include "tools/cli/retention_rules.h"
#include "tools/cli/retention_volumes.h"
#include "tools/cli/time_text.h"

namespace skald::cli {
namespace {

constexpr double kDayNanos = 24.0 * 3600 * 1e9;
constexpr int64_t kMaxDays = 3650;
// The growth of a day is the mean over so many of the last whole days, or as many as there are.
constexpr size_t kDaysOfGrowth = 7;

// What one rule, or no rule, keeps.
struct PlanRow {
  RetentionChoice choice;
  std::set<std::string> periods_now;
  double bytes = 0;
  double bytes_a_day = 0;
  double deleted = 0;
};

// Bytes of lines older than the period.
double BytesBeyond(const std::vector<double>& bytes, std::chrono::nanoseconds period) {
  if (period.count() <= 0) return 0;
  double days = static_cast<double>(period.count()) / kDayNanos;
  double sum = 0;
  for (size_t age = 0; age < bytes.size(); ++age) {
    double beyond = std::clamp(static_cast<double>(age) + 1 - days, 0.0, 1.0);
    sum += bytes[age] * beyond;
  }
  return sum;
}

double MeanDay(const std::vector<double>& bytes) {
  size_t oldest = bytes.size();
  while (oldest > 0 && bytes[oldest - 1] == 0) --oldest;
  size_t days = std::clamp<size_t>(oldest, 1, kDaysOfGrowth);
  double sum = 0;
  for (size_t age = 0; age < days && age < bytes.size(); ++age) sum += bytes[age];
  return sum / static_cast<double>(days);
}

void AddNames(const storage::TenantRetention& retention, std::set<std::string>* names) {
  for (const storage::RetentionRule& rule : retention.streams) {
    for (const Matcher& matcher : rule.matchers) names->insert(matcher.name());
  }
}

std::vector<PlanRow> MakePlan(const storage::TenantRetention& now,
                              const storage::TenantRetention& planned, const Volumes& volumes) {
  const RetentionChooser chooser_now(now);
  const RetentionChooser chooser(planned);
  std::map<std::pair<int64_t, std::string>, PlanRow> rows;  // by falling priority, then selector
  for (const AgedVolume& group : volumes.groups) {
    RetentionChoice choice = chooser.Choose(group.labels);
    int64_t order = choice.rule.empty() ? std::numeric_limits<int64_t>::max() : -choice.priority;
    PlanRow& row = rows[{order, choice.rule}];
    row.choice = choice;
    row.periods_now.insert(PeriodText(chooser_now.Choose(group.labels).period));
    for (double bytes : group.bytes) row.bytes += bytes;
    row.bytes_a_day += MeanDay(group.bytes);
    row.deleted += BytesBeyond(group.bytes, choice.period);
  }
  std::vector<PlanRow> plan;
  for (auto& [order, row] : rows) plan.push_back(std::move(row));
  return plan;
}

std::string Size(double bytes) {
  return FormatHumanizedBytes(static_cast<uint64_t>(std::fmax(bytes, 0)));
}

std::string KeptText(const PlanRow& row) {
  std::string planned = PeriodText(row.choice.period);
  std::string now = absl::StrJoin(row.periods_now, "/");
  return now == planned ? planned : StrCat(now, " -> ", planned);
}

std::string SteadyText(const PlanRow& row, double ratio) {
  if (ratio == 0) return "?";
  if (row.choice.period.count() <= 0) return StrCat("+", Size(row.bytes_a_day * ratio), " a day");
  return Size(row.bytes_a_day * ratio * static_cast<double>(row.choice.period.count()) / kDayNanos);
}

using Cells = std::vector<std::string>;

std::string Aligned(const std::vector<Cells>& table) {
  std::vector<size_t> widths(table[0].size());
  for (const Cells& cells : table) {
    for (size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
  }
  std::string out;
  for (const Cells& cells : table) {
    std::string line = " ";
    for (size_t i = 0; i < cells.size(); ++i) {
      absl::StrAppendFormat(&line, " %-*s", static_cast<int>(widths[i] + 1), cells[i]);
    }
    StrAppend(&out, absl::StripTrailingAsciiWhitespace(line), "\n");
  }
  return out;
}

std::string TenantText(const std::string& tenant, const std::vector<PlanRow>& plan,
                       const Volumes& volumes, double ratio, int64_t days) {
  std::string out = StrCat("Tenant ", tenant, ": ", Size(volumes.bytes),
                           " of log lines in the last ", days, " days");
  if (ratio > 0) {
    StrAppend(&out, ", about ", Size(volumes.bytes * ratio), " on disk (",
              absl::StrFormat("%.1f", 1 / ratio), " to 1)");
  }
  std::vector<Cells> table = {
      {"SELECTOR", "KEPT", "LINES", "ON DISK", "A DAY", "STEADY STATE", "DELETES"}};
  for (const PlanRow& row : plan) {
    table.push_back({row.choice.rule.empty() ? "all other streams" : row.choice.rule, KeptText(row),
                     Size(row.bytes), ratio > 0 ? Size(row.bytes * ratio) : "?",
                     Size(row.bytes_a_day), SteadyText(row, ratio),
                     row.deleted > 0 ? StrCat(Size(row.deleted), " of lines") : "nothing"});
  }
  return StrCat(out, "\n", plan.empty() ? "  nothing stored\n" : Aligned(table), "\n");
}

// The tenants that --org-id names, divided by `|`; without it those of the file's overrides, when
// there are any, else the one of a server without tenants (an empty name).
std::vector<std::string> TenantsOf(const Options& options, const RetentionConfig& config) {
  if (!options.connection.org_id.empty()) {
    return absl::StrSplit(ToAbsl(options.connection.org_id), '|');
  }
  std::vector<std::string> tenants;
  for (const auto& [tenant, retention] : config.tenants) tenants.push_back(tenant);
  if (tenants.empty()) tenants.emplace_back();
  return tenants;
}

StatusOr<std::string> DescribeTenant(const Options& options, const RetentionConfig* config,
                                     const std::string& tenant) {
  Options of_tenant = options;
  of_tenant.connection.org_id = tenant;
  of_tenant.quiet = true;  // it takes many requests
  LokiClient client(of_tenant);
  ASSIGN_OR_RETURN(std::string limits, client.Get("/loki/api/v1/drilldown-limits", {}));
  ASSIGN_OR_RETURN(storage::TenantRetention now, ParseRetentionLimits(limits));
  const std::string name = tenant.empty() ? "fake" : tenant;
  const storage::TenantRetention& planned = config == nullptr ? now : config->Of(name);

  std::set<std::string> names;
  AddNames(now, &names);
  AddNames(planned, &names);
  int64_t days = static_cast<int64_t>(
      std::ceil(static_cast<double>(options.plan_look_back.count()) / kDayNanos));
  if (days < 1 || days > kMaxDays) return InvalidArgument("--since must be between 1d and 3650d");
  ASSIGN_OR_RETURN(Volumes volumes, FetchVolumes(names, WallClock(), days, &client));
  ASSIGN_OR_RETURN(std::string metrics, client.Get("/metrics", {}));
  return TenantText(name, MakePlan(now, planned, volumes), volumes, DiskRatio(metrics, volumes),
                    days);
}

}  // namespace

Status RunRetention(const Options& options) {
  RetentionConfig config;
  if (!options.plan.empty()) {
    ASSIGN_OR_RETURN(config, ReadRetentionConfig(options.plan));
  }
  for (const std::string& tenant : TenantsOf(options, config)) {
    auto text = DescribeTenant(options, options.plan.empty() ? nullptr : &config, tenant);
    if (!text.ok()) return Annotate(text.status(), "Error doing request");
    RETURN_IF_ERROR(StandardOutput().Write(*text));
  }
  return absl::OkStatus();
}

}  // namespace skald::cli
