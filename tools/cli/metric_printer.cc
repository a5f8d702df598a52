#include "tools/cli/metric_printer.h"

#include <cmath>

#include "storage/base/go_number.h"
#include "tools/cli/json_text.h"

namespace skald::cli {
namespace {

// Seconds with at most three decimals.
std::string TimeText(double seconds) {
  return FormatGoFloat(std::round(seconds * 1000) / 1000, 'f');
}

// The number without an exponent, quoted.
std::string ValueText(const std::string& text) {
  auto value = ParseGoFloat(text);
  return StrCat("\"", value.ok() ? FormatGoFloat(*value, 'f') : text, "\"");
}

std::string SampleText(const Sample& sample, std::string_view indent) {
  return StrCat("[\n", indent, "  ", TimeText(sample.seconds), ",\n", indent, "  ",
                ValueText(sample.value), "\n", indent, "]");
}

std::string LabelsJson(const Labels& labels) {
  if (labels.empty()) return "{}";
  std::string out = "{";
  std::string_view separator = "\n      ";
  for (const auto& [name, value] : labels) {
    out += separator;
    AppendJsonString(&out, name);
    out += ": ";
    AppendJsonString(&out, value);
    separator = ",\n      ";
  }
  return out + "\n    }";
}

std::string SamplesJson(const std::vector<Sample>& samples) {
  if (samples.empty()) return "null";
  std::string out = "[";
  std::string_view separator = "\n      ";
  for (const Sample& sample : samples) {
    StrAppend(&out, separator, SampleText(sample, "      "));
    separator = ",\n      ";
  }
  return out + "\n    ]";
}

}  // namespace

std::string MetricJson(const QueryResponse& response) {
  if (response.type == ResultType::kScalar) return SampleText(response.scalar, "");
  if (response.series.empty()) return "[]";
  bool vector = response.type == ResultType::kVector;
  std::string out = "[";
  std::string_view separator = "\n";
  for (const MetricSeries& series : response.series) {
    StrAppend(&out, separator, "  {\n    \"metric\": ", LabelsJson(series.labels), ",\n");
    StrAppend(&out, vector ? "    \"value\": " : "    \"values\": ",
              vector ? SampleText(series.samples[0], "    ") : SamplesJson(series.samples),
              "\n  }");
    separator = ",\n";
  }
  return out + "\n]";
}

}  // namespace skald::cli
