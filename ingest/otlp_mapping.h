// An OtlpConfig made ready for use: what becomes of an attribute, by its name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ingest/otlp_config.h"
#include "storage/base/status.h"
#include "storage/base/strings.h"
#include "storage/model/matcher.h"

namespace skald::ingest {

// The rules for one kind of attribute, tried in order. Threads: immutable.
class AttributeRules {
 public:
  static StatusOr<AttributeRules> Create(const std::vector<AttributeRule>& rules);

  // What the first rule that names the attribute says; structured metadata when none does.
  AttributeAction ActionFor(std::string_view name) const;

 private:
  struct Compiled {
    AttributeAction action;
    StringSet names;
    std::vector<Matcher> patterns;  // at most one
  };
  std::vector<Compiled> rules_;
};

// Threads: immutable.
class OtlpMapping {
 public:
  // InvalidArgument: a rule has both names and a regex, a regex does not compile, or a scope
  // attribute is to be an index label.
  static StatusOr<OtlpMapping> Create(const OtlpConfig& config);

  const AttributeRules& resource() const { return resource_; }
  const AttributeRules& scope() const { return scope_; }
  const AttributeRules& log() const { return log_; }
  bool severity_text_as_label() const { return severity_text_as_label_; }

 private:
  AttributeRules resource_;
  AttributeRules scope_;
  AttributeRules log_;
  bool severity_text_as_label_ = false;
};

}  // namespace skald::ingest
