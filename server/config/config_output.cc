// The configuration as text: YAML for /config, JSON for the published limits.
#include <algorithm>

#include "server/config/key_table.h"

namespace skald::config {
namespace {

// Puts `value` at a dotted path, making the sections on the way.
void Put(std::string_view path, YamlNode value, YamlNode* root) {
  YamlNode* section = root;
  while (true) {
    const size_t dot = path.find('.');
    const std::string_view name = path.substr(0, dot);
    if (dot == std::string_view::npos) {
      section->members.emplace_back(name, std::move(value));
      return;
    }
    const auto found = std::find_if(section->members.begin(), section->members.end(),
                                    [&](const auto& member) { return member.name == name; });
    section = found != section->members.end()
                  ? &found->value
                  : &section->members.emplace_back(name, YamlNode::Map()).value;
    path.remove_prefix(dot + 1);
  }
}

bool IsPrinted(const Key& key) {
  return key.status == KeyStatus::kHonoured || key.status == KeyStatus::kKept;
}

YamlNode Shown(const Key& key, const Config& config) {
  YamlNode value = WriteKey(key, config);
  const bool hidden = key.secret && !value.text.empty();
  return hidden ? WriteValue(key.type, std::string("<secret>")) : value;
}

// Loki shows the labels that are made by default as one more rule.
Config WithDefaultRule(const TenantLimits& limits) {
  Config config;
  config.limits = limits;
  ingest::OtlpConfig* otlp = &config.limits.ingest.otlp_config;
  if (!otlp->ignore_resource_defaults && !otlp->default_index_labels.empty()) {
    otlp->resource_attributes.push_back(
        {ingest::AttributeAction::kIndexLabel, otlp->default_index_labels, ""});
  }
  return config;
}

YamlNode PublishedLimits(const Config& config, const TenantLimits& limits) {
  const std::vector<std::string>& published = config.tenant_limits_allow_publish;
  const Config shown = WithDefaultRule(limits);
  YamlNode root = YamlNode::Map();
  for (const Key& key : LimitsKeys()) {
    const std::string name(key.path.substr(kLimitsSection.size() + 1));
    const bool named = std::find(published.begin(), published.end(), name) != published.end();
    if (IsPrinted(key) && (published.empty() || named)) {
      root.members.emplace_back(name, WriteKey(key, shown));
    }
  }
  std::sort(root.members.begin(), root.members.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return root;
}

}  // namespace

std::string ConfigYaml(const Config& config, ConfigView view) {
  const Config defaults;
  YamlNode root = YamlNode::Map();
  for (const Key* key : AllKeys()) {
    if (!IsPrinted(*key)) continue;
    YamlNode otherwise = WriteKey(*key, defaults);
    YamlNode value = Shown(*key, config);
    const bool same = WriteJson(value) == WriteJson(otherwise);
    if (view == ConfigView::kDiff && same) continue;
    Put(key->path, view == ConfigView::kDefaults ? std::move(otherwise) : std::move(value), &root);
  }
  return WriteYaml(root);
}

std::string PublishedLimitsJson(const Config& config, const TenantLimits& limits) {
  return WriteJson(PublishedLimits(config, limits));
}

std::string PublishedLimitsYaml(const Config& config, const TenantLimits& limits) {
  return WriteYaml(PublishedLimits(config, limits));
}

}  // namespace skald::config
