#include "ingest/level_detector.h"

#include <charconv>
#include <cstddef>
#include <optional>

#include "ingest/level_in_json.h"
#include "ingest/level_in_logfmt.h"
#include "ingest/level_keyword_scan.h"
#include "storage/base/ascii.h"
#include "storage/model/row.h"

namespace skald::ingest {
namespace {

constexpr std::string_view kSeverityNumber = "severity_number";

struct LevelName {
  std::string_view name;
  std::string_view level;
};

constexpr LevelName kLevelNames[] = {
    {"info", "info"},        {"error", "error"}, {"warn", "warn"},         {"debug", "debug"},
    {"warning", "warn"},     {"err", "error"},   {"inf", "info"},          {"wrn", "warn"},
    {"dbg", "debug"},        {"trace", "trace"}, {"critical", "critical"}, {"fatal", "fatal"},
    {"information", "info"}, {"trc", "trace"},
};

std::string_view NormalizedOr(std::string_view value) {
  const std::string_view level = NormalizeLevel(value);
  return level.empty() ? value : level;
}

// OpenTelemetry's severity numbers, four to a level.
std::string_view LevelOfSeverity(std::string_view number) {
  int64_t severity = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), severity);
  if (error != std::errc() || end != number.data() + number.size()) return "info";
  if (severity == 0 || severity > 24) return "unknown";
  if (severity <= 4) return "trace";
  if (severity <= 8) return "debug";
  if (severity <= 12) return "info";
  if (severity <= 16) return "warn";
  return severity <= 20 ? "error" : "fatal";
}

}  // namespace

std::string_view NormalizeLevel(std::string_view value) {
  for (const LevelName& known : kLevelNames) {
    if (EqualsIgnoreCase(value, known.name)) return known.level;
  }
  return {};
}

std::string_view LevelDetector::OfLabels(const LabelSet& labels) const {
  for (const std::string& name : fields_.names()) {
    const std::string_view value = labels.Get(name);
    if (!value.empty()) return NormalizedOr(value);
  }
  return {};
}

std::string_view LevelDetector::Detect(std::string_view stream_level,
                                       std::span<const LabelView> metadata,
                                       std::string_view line) const {
  for (const LabelView& pair : metadata) {
    if (pair.name == kDetectedLevel) return NormalizedOr(pair.value);
  }
  if (!stream_level.empty()) return stream_level;
  const std::string_view level = OfMetadata(metadata);
  return level.empty() ? OfLine(line) : level;
}

std::string_view LevelDetector::OfMetadata(std::span<const LabelView> metadata) const {
  std::string_view best;
  size_t best_rank = fields_.names().size();
  std::string_view severity;
  for (const LabelView& pair : metadata) {
    if (pair.name == kSeverityNumber) severity = pair.value;
    const std::optional<size_t> rank = fields_.Rank(pair.name);
    if (!rank || *rank >= best_rank) continue;
    best_rank = *rank;
    best = pair.value;
  }
  if (!best.empty()) return NormalizedOr(best);
  return severity.empty() ? std::string_view() : LevelOfSeverity(severity);
}

std::string_view LevelDetector::OfLine(std::string_view line) const {
  std::string_view value;
  if (LooksLikeJsonObject(line)) {
    if (fields_.MayHaveJsonKey(line)) value = FindJsonLevel(line, fields_, json_depth_);
  } else if (fields_.MayHaveLogfmtKey(line)) {
    value = FindLogfmtLevel(line, fields_);
  }
  std::string_view level = NormalizeLevel(value);
  if (level.empty()) level = ScanForLevelKeyword(line);
  return level.empty() ? std::string_view("unknown") : level;
}

}  // namespace skald::ingest
