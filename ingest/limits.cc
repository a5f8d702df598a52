#include "ingest/limits.h"

#include "storage/base/coding.h"

namespace skald::ingest {
namespace {

constexpr uint8_t kVersion = 1;

// Writes fields in a fixed order; LimitsReader reads them in the same.
class LimitsWriter {
 public:
  explicit LimitsWriter(std::string* out) : out_(out) {}
  void Field(bool value) { out_->push_back(value ? 1 : 0); }
  void Field(uint32_t value) { PutVarint32(out_, value); }
  void Field(uint64_t value) { PutVarint64(out_, value); }
  void Field(AttributeAction value) { out_->push_back(static_cast<char>(value)); }
  void Field(const std::string& value) { PutLengthPrefixed(out_, value); }
  template <typename T>
  void Field(const std::vector<T>& values) {
    PutVarint64(out_, values.size());
    for (const T& value : values) Field(value);
  }
  void Field(const AttributeRule& rule) {
    Field(rule.action);
    Field(rule.attributes);
    Field(rule.regex);
  }

 private:
  std::string* out_;
};

class LimitsReader {
 public:
  explicit LimitsReader(std::string_view bytes) : reader_(bytes) {}
  void Field(bool& value) {
    uint8_t byte = 0;
    ok_ = ok_ && reader_.ReadByte(&byte) && byte <= 1;
    value = byte != 0;
  }
  void Field(uint32_t& value) { ok_ = ok_ && reader_.ReadVarint32(&value); }
  void Field(uint64_t& value) { ok_ = ok_ && reader_.ReadVarint64(&value); }
  void Field(AttributeAction& value) {
    uint8_t byte = 0;
    ok_ = ok_ && reader_.ReadByte(&byte) && byte <= static_cast<uint8_t>(AttributeAction::kDrop);
    value = static_cast<AttributeAction>(byte);
  }
  void Field(std::string& value) {
    std::string_view bytes;
    ok_ = ok_ && reader_.ReadLengthPrefixed(&bytes);
    value = bytes;
  }
  template <typename T>
  void Field(std::vector<T>& values) {
    values.clear();
    uint64_t count = 0;
    ok_ = ok_ && reader_.ReadVarint64(&count) && count <= reader_.remaining();
    for (uint64_t i = 0; ok_ && i < count; ++i) Field(values.emplace_back());
  }
  void Field(AttributeRule& rule) {
    Field(rule.action);
    Field(rule.attributes);
    Field(rule.regex);
  }
  bool Done() const { return ok_ && reader_.empty(); }

 private:
  ByteReader reader_;
  bool ok_ = true;
};

// Visits every field that decides how accepted entries become rows.
template <typename Limits, typename Visitor>
void VisitFields(Limits& limits, Visitor& visitor) {
  visitor.Field(limits.max_line_size);
  visitor.Field(limits.max_line_size_truncate);
  visitor.Field(limits.max_line_size_truncate_identifier);
  visitor.Field(limits.increment_duplicate_timestamp);
  visitor.Field(limits.allow_structured_metadata);
  visitor.Field(limits.discover_service_name);
  visitor.Field(limits.discover_log_levels);
  visitor.Field(limits.log_level_fields);
  visitor.Field(limits.log_level_from_json_max_depth);
  visitor.Field(limits.otlp_config.ignore_resource_defaults);
  visitor.Field(limits.otlp_config.resource_attributes);
  visitor.Field(limits.otlp_config.scope_attributes);
  visitor.Field(limits.otlp_config.log_attributes);
  visitor.Field(limits.otlp_config.severity_text_as_label);
  visitor.Field(limits.otlp_config.default_index_labels);
}

}  // namespace

std::vector<std::string> IngestLimits::DefaultServiceNameLabels() {
  return {"service",
          "app",
          "application",
          "app_name",
          "name",
          "app_kubernetes_io_name",
          "container",
          "container_name",
          "k8s_container_name",
          "component",
          "workload",
          "job",
          "k8s_job_name"};
}

std::vector<std::string> IngestLimits::DefaultLogLevelFields() {
  return {"level",    "LEVEL",         "Level",         "log.level",    "severity",
          "SEVERITY", "Severity",      "SeverityText",  "lvl",          "LVL",
          "Lvl",      "severity_text", "Severity_Text", "SEVERITY_TEXT"};
}

std::string SerializeLimits(const IngestLimits& limits) {
  std::string bytes(1, static_cast<char>(kVersion));
  LimitsWriter writer(&bytes);
  VisitFields(limits, writer);
  return bytes;
}

StatusOr<IngestLimits> ParseLimits(std::string_view bytes) {
  if (bytes.empty() || static_cast<uint8_t>(bytes[0]) != kVersion) {
    return DataLoss("ingest settings of an unknown version");
  }
  IngestLimits limits;
  LimitsReader reader(bytes.substr(1));
  VisitFields(limits, reader);
  if (!reader.Done()) return DataLoss("damaged ingest settings");
  return limits;
}

}  // namespace skald::ingest
