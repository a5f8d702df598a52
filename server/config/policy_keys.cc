#include "server/config/policy_keys.h"

#include "server/config/structure_reader.h"

namespace skald::config {
namespace {

Status ReadCount(const YamlNode& node, uint32_t* to) {
  int64_t count = 0;
  RETURN_IF_ERROR(ReadScalar(ValueType::kInt, node, &count));
  if (count < 0 || count > UINT32_MAX) return CannotUnmarshal(node, "uint32");
  *to = static_cast<uint32_t>(count);
  return absl::OkStatus();
}

Status ReadRule(const YamlNode& node, PolicyRule* rule) {
  return ReadMembers(node, "policy_stream_mapping",
                     [&](std::string_view name, const YamlNode& value) -> Status {
                       if (name == "selector")
                         return ReadScalar(ValueType::kString, value, &rule->selector);
                       if (name == "priority")
                         return ReadScalar(ValueType::kInt, value, &rule->priority);
                       return UnknownField(name, "policy_stream_mapping");
                     });
}

Status ReadMapping(const YamlNode& node, Config* config) {
  std::vector<PolicyRule>& all = config->limits.policy_stream_mapping;
  all.clear();
  return ReadMembers(node, "policy_stream_mapping",
                     [&all](std::string_view policy, const YamlNode& value) -> Status {
                       std::vector<PolicyRule> rules;
                       RETURN_IF_ERROR(ReadList(value, "policy_stream_mapping", ReadRule, &rules));
                       for (PolicyRule& rule : rules) {
                         rule.policy = policy;
                         all.push_back(std::move(rule));
                       }
                       return absl::OkStatus();
                     });
}

YamlNode WriteMapping(const Config& config) {
  YamlNode map = YamlNode::Map();
  for (const PolicyRule& rule : config.limits.policy_stream_mapping) {
    if (map.members.empty() || map.members.back().name != rule.policy) {
      map.members.emplace_back(rule.policy, YamlNode::List({}));
    }
    YamlNode& item = map.members.back().value.items.emplace_back(YamlNode::Map());
    item.members = {{"priority", WriteValue(ValueType::kInt, rule.priority)},
                    {"selector", YamlNode::String(rule.selector)}};
  }
  return map;
}

Status ReadEnforced(const YamlNode& node, Config* config) {
  auto& all = config->limits.ingest.policy_enforced_labels;
  all.clear();
  return ReadMembers(node, "policy_enforced_labels",
                     [&all](std::string_view policy, const YamlNode& value) {
                       return ReadScalar(ValueType::kStringList, value, &all[std::string(policy)]);
                     });
}

YamlNode WriteEnforced(const Config& config) {
  YamlNode map = YamlNode::Map();
  for (const auto& [policy, labels] : config.limits.ingest.policy_enforced_labels) {
    map.members.emplace_back(policy, YamlNode::List(labels));
  }
  return map;
}

Status ReadBlocks(const YamlNode& node, Config* config) {
  auto& all = config->limits.ingest.block_ingestion_policy_until;
  all.clear();
  return ReadMembers(node, "block_ingestion_policy_until",
                     [&all](std::string_view policy, const YamlNode& value) {
                       return ReadScalar(ValueType::kTime, value, &all[std::string(policy)]);
                     });
}

YamlNode WriteBlocks(const Config& config) {
  YamlNode map = YamlNode::Map();
  for (const auto& [policy, until] : config.limits.ingest.block_ingestion_policy_until) {
    map.members.emplace_back(policy, WriteValue(ValueType::kTime, until));
  }
  return map;
}

Status ReadPolicyLimits(const YamlNode& node, ingest::PolicyLimits* limits) {
  return ReadMembers(node, "policy_override_limits",
                     [&](std::string_view name, const YamlNode& value) -> Status {
                       if (name == "max_streams_per_user")
                         return ReadCount(value, &limits->max_streams_per_user);
                       if (name == "max_global_streams_per_user")
                         return ReadCount(value, &limits->max_global_streams_per_user);
                       return UnknownField(name, "policy_override_limits");
                     });
}

Status ReadOverrides(const YamlNode& node, Config* config) {
  auto& all = config->limits.ingest.policy_override_limits;
  all.clear();
  return ReadMembers(node, "policy_override_limits",
                     [&all](std::string_view policy, const YamlNode& value) {
                       return ReadPolicyLimits(value, &all[std::string(policy)]);
                     });
}

YamlNode WriteOverrides(const Config& config) {
  YamlNode map = YamlNode::Map();
  for (const auto& [policy, limits] : config.limits.ingest.policy_override_limits) {
    YamlNode& item = map.members.emplace_back(policy, YamlNode::Map()).value;
    item.members = {
        {"max_global_streams_per_user",
         WriteValue(ValueType::kInt, int64_t{limits.max_global_streams_per_user})},
        {"max_streams_per_user", WriteValue(ValueType::kInt, int64_t{limits.max_streams_per_user})},
    };
  }
  return map;
}

}  // namespace

Structure PolicyStreamMappingKey() { return {ReadMapping, WriteMapping}; }
Structure PolicyEnforcedLabelsKey() { return {ReadEnforced, WriteEnforced}; }
Structure BlockIngestionPolicyUntilKey() { return {ReadBlocks, WriteBlocks}; }
Structure PolicyOverrideLimitsKey() { return {ReadOverrides, WriteOverrides}; }

}  // namespace skald::config
