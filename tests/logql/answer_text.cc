#include "tests/logql/answer_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "query/engine/step_grid.h"
#include "storage/model/labels.h"

namespace skald::logql_test {
namespace {

std::string NumberText(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
  return std::string(buffer, end);
}

std::string CategoryText(std::string_view name, std::span<const LabelView> labels) {
  if (labels.empty()) return "";
  std::string text = StrCat(" | ", name);
  for (const LabelView& label : labels) {
    StrAppend(&text, " ", label.name, "=");
    AppendQuoted(&text, label.value);
  }
  return text;
}

void AppendLog(const query::LogResult& log, std::vector<std::string>* lines) {
  for (const query::LogStream& stream : log.streams) {
    lines->push_back(LabelsToString(stream.labels));
    for (const query::LogEntry& entry : stream.entries) {
      std::string line = StrCat("  ", FormatTime(entry.timestamp), "  ", FormatLine(entry.line));
      if (entry.labels != nullptr) {
        line += CategoryText("metadata", entry.labels->metadata);
        line += CategoryText("parsed", entry.labels->parsed);
      }
      lines->push_back(std::move(line));
    }
  }
}

// The values of a matrix' series at every step, `_` where there is none.
std::string StepsText(const query::MetricSeries& series, const query::QueryParams& params) {
  const query::StepGrid grid = query::StepGrid::Aligned(params.start, params.end, params.step);
  std::string text;
  auto sample = series.samples.begin();
  for (size_t step = 0; step < grid.count; ++step) {
    const bool has_value = sample != series.samples.end() && sample->timestamp == grid.TimeOf(step);
    if (!has_value) text += " _";
    for (; sample != series.samples.end() && sample->timestamp == grid.TimeOf(step); ++sample) {
      StrAppend(&text, " ", NumberText(sample->value));
    }
  }
  return text;
}

void AppendMetric(const query::MetricResult& metric, const query::QueryParams& params,
                  std::vector<std::string>* lines) {
  using Type = query::MetricResult::Type;
  for (const query::MetricSeries& series : metric.series) {
    if (metric.type == Type::kMatrix) {
      lines->push_back(StrCat(LabelsToString(series.labels), " ", StepsText(series, params)));
      continue;
    }
    const std::string name =
        metric.type == Type::kScalar ? "scalar" : LabelsToString(series.labels);
    lines->push_back(StrCat(name, "  ", NumberText(series.samples[0].value)));
  }
}

// Messages have line breaks; scripts have lines.
std::string OneLine(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (c == '\n') {
      line += "\\n";
    } else {
      line += c;
    }
  }
  return line.substr(0, line.find_last_not_of(' ') + 1);
}

// A line of an answer cut into its labels and its values.
struct Parts {
  std::string_view labels;
  std::vector<std::string_view> values;
};
Parts Cut(std::string_view line) {
  size_t end = 0;
  bool quoted = false;
  if (line.starts_with('{')) {
    for (; end < line.size() && (quoted || line[end] != '}'); ++end) {
      if (line[end] == '\\') {
        ++end;
      } else if (line[end] == '"') {
        quoted = !quoted;
      }
    }
    ++end;
  }
  end = std::min(end, line.size());
  Parts parts;
  parts.labels = line.substr(0, end);
  line.remove_prefix(end);
  TakeWord(&line);
  while (!line.empty()) parts.values.push_back(TakeWord(&line));
  return parts;
}

bool SameNumber(std::string_view a, std::string_view b, bool exact) {
  if (a == b) return true;
  if (exact || a == "_" || b == "_") return false;
  const double x = std::strtod(std::string(a).c_str(), nullptr);
  const double y = std::strtod(std::string(b).c_str(), nullptr);
  return std::abs(x - y) <= 1e-7 * std::max(std::abs(x), std::abs(y));
}

bool SameLine(std::string_view a, std::string_view b, const Comparison& how) {
  if (a == b) return true;
  const bool has_values = a.starts_with('{') || a.starts_with("scalar");
  if (!has_values || b.starts_with(' ')) return false;
  const Parts left = Cut(a);
  const Parts right = Cut(b);
  return left.labels == right.labels &&
         std::equal(
             left.values.begin(), left.values.end(), right.values.begin(), right.values.end(),
             [&](std::string_view x, std::string_view y) { return SameNumber(x, y, how.exact); });
}

// Sorts streams with their entries, or series.
void SortBlocks(std::vector<std::string>* lines) {
  std::vector<std::string> blocks;
  for (const std::string& line : *lines) {
    if (line.starts_with(' ') && !blocks.empty()) {
      StrAppend(&blocks.back(), "\n", line);
    } else {
      blocks.push_back(line);
    }
  }
  std::sort(blocks.begin(), blocks.end());
  lines->clear();
  for (std::string_view block : blocks) {
    while (!block.empty()) {
      const size_t end = std::min(block.find('\n'), block.size());
      lines->emplace_back(block.substr(0, end));
      block.remove_prefix(std::min(end + 1, block.size()));
    }
  }
}

// Scripts may indent as they like: entries begin with a time, all else does not.
void IndentEntries(std::vector<std::string>* lines) {
  for (std::string& line : *lines) {
    const bool entry = line.starts_with('-') || (line[0] >= '0' && line[0] <= '9');
    if (entry) line.insert(0, "  ");
  }
}

}  // namespace

std::vector<std::string> AnswerLines(const StatusOr<query::QueryResult>& answer,
                                     const query::QueryParams& params) {
  if (!answer.ok()) {
    const bool is_plain = answer.status().code() == absl::StatusCode::kInvalidArgument;
    const int http = HttpStatusOf(answer.status()).value_or(is_plain ? 400 : 500);
    const std::string status = http == 400 ? "" : StrCat(http, " ");
    return {StrCat("expect fail ", status, OneLine(Message(answer.status())))};
  }
  std::vector<std::string> lines;
  for (const std::string& warning : answer->warnings) {
    lines.push_back(StrCat("expect warn ", warning));
  }
  if (answer->log() != nullptr) {
    AppendLog(*answer->log(), &lines);
  } else {
    AppendMetric(*answer->metric(), params, &lines);
  }
  return lines;
}

bool SameAnswer(std::vector<std::string> expected, std::vector<std::string> actual,
                const Comparison& how) {
  IndentEntries(&expected);
  if (!how.ordered) {
    SortBlocks(&expected);
    SortBlocks(&actual);
  }
  return std::equal(
      expected.begin(), expected.end(), actual.begin(), actual.end(),
      [&](const std::string& a, const std::string& b) { return SameLine(a, b, how); });
}

}  // namespace skald::logql_test
