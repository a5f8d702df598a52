#include "ingest/settings.h"

#include <algorithm>
#include <atomic>
#include <utility>

namespace skald::ingest {
namespace {

// Stands for every policy among enforced labels, and for no policy among blocks.
constexpr std::string_view kAny = "*";

uint64_t NextId() {
  static std::atomic<uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

// The smaller one; zero is no limit.
uint32_t SmallerLimit(uint32_t a, uint32_t b) {
  return a == 0 || b == 0 ? std::max(a, b) : std::min(a, b);
}

uint32_t MaxStreams(const IngestLimits& limits, const std::string& policy) {
  uint32_t local = limits.max_streams_per_user;
  uint32_t global = limits.max_global_streams_per_user;
  if (const auto own = limits.policy_override_limits.find(policy);
      own != limits.policy_override_limits.end()) {
    if (own->second.max_streams_per_user != 0) local = own->second.max_streams_per_user;
    if (own->second.max_global_streams_per_user != 0) {
      global = own->second.max_global_streams_per_user;
    }
  }
  return SmallerLimit(local, global);
}

std::vector<std::string> EnforcedLabels(const IngestLimits& limits, std::string_view policy) {
  std::vector<std::string> labels = limits.enforced_labels;
  for (const std::string_view key : {kAny, policy}) {
    const auto more = limits.policy_enforced_labels.find(key);
    if (more == limits.policy_enforced_labels.end()) continue;
    for (const std::string& label : more->second) {
      if (std::find(labels.begin(), labels.end(), label) == labels.end()) labels.push_back(label);
    }
  }
  return labels;
}

int64_t BlockedUntil(const IngestLimits& limits, std::string_view policy) {
  const auto found = limits.block_ingestion_policy_until.find(policy.empty() ? kAny : policy);
  return found == limits.block_ingestion_policy_until.end() ? 0 : found->second;
}

ClassLimits LimitsOf(const IngestLimits& limits, StreamClass stream_class) {
  ClassLimits own;
  own.enforced_labels = EnforcedLabels(limits, stream_class.policy);
  own.max_streams = MaxStreams(limits, stream_class.policy);
  own.blocked_until = BlockedUntil(limits, stream_class.policy);
  own.stream_class = std::move(stream_class);
  return own;
}

std::vector<ClassLimits> AllClasses(const IngestLimits& limits,
                                    const StreamClassifier* classifier) {
  if (classifier == nullptr) return {LimitsOf(limits, StreamClass())};
  std::vector<ClassLimits> classes;
  for (const StreamClass& each : classifier->classes()) classes.push_back(LimitsOf(limits, each));
  return classes;
}

template <typename Predicate>
bool HasClass(std::span<const ClassLimits> classes, const Predicate& predicate) {
  return std::any_of(classes.begin(), classes.end(), predicate);
}

}  // namespace

StatusOr<std::shared_ptr<const IngestSettings>> IngestSettings::Create(
    IngestLimits limits, std::shared_ptr<const StreamClassifier> classifier) {
  ASSIGN_OR_RETURN(OtlpMapping mapping, OtlpMapping::Create(limits.otlp_config));
  return std::shared_ptr<const IngestSettings>(
      new IngestSettings(std::move(limits), std::move(mapping), std::move(classifier)));
}

IngestSettings::IngestSettings(IngestLimits limits, OtlpMapping mapping,
                               std::shared_ptr<const StreamClassifier> classifier)
    : limits_(std::move(limits)),
      serialized_(SerializeLimits(limits_)),
      id_(NextId()),
      level_detector_(limits_.log_level_fields, limits_.log_level_from_json_max_depth),
      otlp_mapping_(std::move(mapping)),
      classifier_(std::move(classifier)),
      classes_(AllClasses(limits_, classifier_.get())),
      limits_streams_(HasClass(classes_, [](const auto& each) { return each.max_streams > 0; })),
      blocks_policies_(
          HasClass(classes_, [](const auto& each) { return each.blocked_until > 0; })) {}

}  // namespace skald::ingest
