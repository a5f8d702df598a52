#include "server/config/structure_keys.h"

#include <utility>

#include "server/config/structure_reader.h"

namespace skald::config {
namespace {

using ingest::AttributeAction;
using ingest::AttributeRule;
using ingest::OtlpConfig;

constexpr std::pair<AttributeAction, std::string_view> kActions[] = {
    {AttributeAction::kIndexLabel, "index_label"},
    {AttributeAction::kStructuredMetadata, "structured_metadata"},
    {AttributeAction::kDrop, "drop"},
};

Status ReadRetentionRule(const YamlNode& node, RetentionRule* rule) {
  return ReadMembers(node, "retention_stream",
                     [&](std::string_view name, const YamlNode& value) -> Status {
                       if (name == "selector")
                         return ReadScalar(ValueType::kString, value, &rule->selector);
                       if (name == "priority")
                         return ReadScalar(ValueType::kInt, value, &rule->priority);
                       if (name != "period") return UnknownField(name, "retention_stream");
                       int64_t nanos = 0;
                       RETURN_IF_ERROR(ReadScalar(ValueType::kDuration, value, &nanos));
                       rule->period = std::chrono::nanoseconds(nanos);
                       return absl::OkStatus();
                     });
}

Status ReadRetentionStream(const YamlNode& node, Config* config) {
  return ReadList(node, "retention_stream", ReadRetentionRule, &config->limits.retention_stream);
}

YamlNode WriteRetentionStream(const Config& config) {
  YamlNode list = YamlNode::List({});
  for (const RetentionRule& rule : config.limits.retention_stream) {
    YamlNode& item = list.items.emplace_back(YamlNode::Map());
    item.members = {
        {"period", WriteValue(ValueType::kDuration, int64_t{rule.period.count()})},
        {"priority", WriteValue(ValueType::kInt, rule.priority)},
        {"selector", YamlNode::String(rule.selector)},
    };
  }
  return list;
}

Status ReadBlockedQuery(const YamlNode& node, query::BlockedQuery* blocked) {
  return ReadMembers(node, "blocked_queries",
                     [&](std::string_view name, const YamlNode& value) -> Status {
                       if (name == "pattern")
                         return ReadScalar(ValueType::kString, value, &blocked->pattern);
                       if (name == "regex")
                         return ReadScalar(ValueType::kBool, value, &blocked->regex);
                       if (name == "types")
                         return ReadScalar(ValueType::kStringList, value, &blocked->types);
                       if (name != "hash") return UnknownField(name, "blocked_queries");
                       int64_t hash = 0;
                       RETURN_IF_ERROR(ReadScalar(ValueType::kInt, value, &hash));
                       if (hash < 0 || hash > UINT32_MAX) return CannotUnmarshal(value, "uint32");
                       blocked->hash = static_cast<uint32_t>(hash);
                       return absl::OkStatus();
                     });
}

Status ReadBlockedQueries(const YamlNode& node, Config* config) {
  return ReadList(node, "blocked_queries", ReadBlockedQuery, &config->limits.query.blocked_queries);
}

YamlNode WriteBlockedQueries(const Config& config) {
  YamlNode list = YamlNode::List({});
  for (const query::BlockedQuery& blocked : config.limits.query.blocked_queries) {
    YamlNode& item = list.items.emplace_back(YamlNode::Map());
    if (!blocked.pattern.empty()) {
      item.members.emplace_back("pattern", YamlNode::String(blocked.pattern));
    }
    if (blocked.regex) item.members.emplace_back("regex", WriteValue(ValueType::kBool, true));
    if (!blocked.types.empty()) item.members.emplace_back("types", YamlNode::List(blocked.types));
    if (blocked.hash != 0) {
      item.members.emplace_back("hash", WriteValue(ValueType::kInt, int64_t{blocked.hash}));
    }
  }
  return list;
}

Status ReadAction(const YamlNode& node, AttributeAction* to) {
  std::string text;
  RETURN_IF_ERROR(ReadScalar(ValueType::kString, node, &text));
  for (const auto& [action, name] : kActions) {
    if (name == text) {
      *to = action;
      return absl::OkStatus();
    }
  }
  return InvalidArgument(
      "unsupported action, it must be one of: drop, index_label, structured_metadata");
}

Status ReadAttributeRule(const YamlNode& node, AttributeRule* rule) {
  RETURN_IF_ERROR(ReadMembers(
      node, "attributes_config", [&](std::string_view name, const YamlNode& value) -> Status {
        if (name == "action") return ReadAction(value, &rule->action);
        if (name == "attributes") {
          return ReadScalar(ValueType::kStringList, value, &rule->attributes);
        }
        if (name == "regex") return ReadScalar(ValueType::kString, value, &rule->regex);
        return UnknownField(name, "attributes_config");
      }));
  if (rule->attributes.empty() == rule->regex.empty()) {
    return InvalidArgument("either attributes or regex must be set");
  }
  return absl::OkStatus();
}

Status ReadRules(const YamlNode& node, std::vector<AttributeRule>* rules) {
  return ReadList(node, "attributes_config", ReadAttributeRule, rules);
}

Status ReadResourceAttributes(const YamlNode& node, OtlpConfig* otlp) {
  return ReadMembers(
      node, "resource_attributes", [&](std::string_view name, const YamlNode& value) -> Status {
        if (name == "ignore_defaults") {
          return ReadScalar(ValueType::kBool, value, &otlp->ignore_resource_defaults);
        }
        if (name == "attributes_config") return ReadRules(value, &otlp->resource_attributes);
        return UnknownField(name, "resource_attributes");
      });
}

Status ReadOtlpConfig(const YamlNode& node, Config* config) {
  OtlpConfig* otlp = &config->limits.ingest.otlp_config;
  return ReadMembers(node, "otlp_config",
                     [&](std::string_view name, const YamlNode& value) -> Status {
                       if (name == "resource_attributes")
                         return ReadResourceAttributes(value, otlp);
                       if (name == "scope_attributes")
                         return ReadRules(value, &otlp->scope_attributes);
                       if (name == "log_attributes") return ReadRules(value, &otlp->log_attributes);
                       if (name != "severity_text_as_label")
                         return UnknownField(name, "otlp_config");
                       return ReadScalar(ValueType::kBool, value, &otlp->severity_text_as_label);
                     });
}

YamlNode WriteRules(const std::vector<AttributeRule>& rules) {
  YamlNode list = YamlNode::List({});
  for (const AttributeRule& rule : rules) {
    YamlNode& item = list.items.emplace_back(YamlNode::Map());
    for (const auto& [action, name] : kActions) {
      if (action == rule.action) {
        item.members.emplace_back("action", YamlNode::String(std::string(name)));
      }
    }
    if (rule.regex.empty()) {
      item.members.emplace_back("attributes", YamlNode::List(rule.attributes));
    } else {
      item.members.emplace_back("regex", YamlNode::String(rule.regex));
    }
  }
  return list;
}

YamlNode WriteOtlpConfig(const Config& config) {
  const OtlpConfig& otlp = config.limits.ingest.otlp_config;
  YamlNode resource = YamlNode::Map();
  if (otlp.ignore_resource_defaults) {
    resource.members.emplace_back("ignore_defaults", WriteValue(ValueType::kBool, true));
  }
  if (!otlp.resource_attributes.empty()) {
    resource.members.emplace_back("attributes_config", WriteRules(otlp.resource_attributes));
  }
  YamlNode map = YamlNode::Map();
  if (!resource.members.empty()) map.members.emplace_back("resource_attributes", resource);
  if (!otlp.scope_attributes.empty()) {
    map.members.emplace_back("scope_attributes", WriteRules(otlp.scope_attributes));
  }
  if (!otlp.log_attributes.empty()) {
    map.members.emplace_back("log_attributes", WriteRules(otlp.log_attributes));
  }
  if (otlp.severity_text_as_label) {
    map.members.emplace_back("severity_text_as_label", WriteValue(ValueType::kBool, true));
  }
  return map;
}

}  // namespace

Structure RetentionStreamKey() { return {ReadRetentionStream, WriteRetentionStream}; }

Structure BlockedQueriesKey() { return {ReadBlockedQueries, WriteBlockedQueries}; }

Structure OtlpConfigKey() { return {ReadOtlpConfig, WriteOtlpConfig}; }

}  // namespace skald::config
