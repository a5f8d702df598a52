#include "tests/support/reference_row.h"

#include <algorithm>
#include <cstdlib>

#include "query/stage/label_regex.h"
#include "storage/base/byte_size.h"
#include "storage/base/duration.h"
#include "tests/support/reference_lines.h"
#include "tests/support/reference_parsers.h"

namespace skald::test_support {
namespace {

using query::CompareOp;

bool LabelMatches(const std::string& regex, const std::string& value) {
  // Compiled once: rows are many, patterns few.
  static std::map<std::string, query::LabelRegex> compiled;
  auto at = compiled.find(regex);
  if (at == compiled.end()) {
    at = compiled.emplace(regex, *query::LabelRegex::Compile(regex)).first;
  }
  return at->second.Matches(value);
}

template <typename T>
bool Compare(CompareOp op, T left, T right) {
  switch (op) {
    case CompareOp::kEqual:
      return left == right;
    case CompareOp::kNotEqual:
      return left != right;
    case CompareOp::kGreater:
      return left > right;
    case CompareOp::kGreaterOrEqual:
      return left >= right;
    case CompareOp::kLess:
      return left < right;
    case CompareOp::kLessOrEqual:
      return left <= right;
  }
  return false;
}

StatusOr<double> ParseNumber(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (!text.empty() && *end == '\0') return value;
  return InvalidArgument(StrCat("strconv.ParseFloat: parsing \"", text, "\": invalid syntax"));
}
StatusOr<double> ParseSeconds(const std::string& text) {
  ASSIGN_OR_RETURN(const auto duration, ParseGoDuration(text));
  return static_cast<double>(duration.count()) / 1e9;
}
StatusOr<double> ParseBytes(const std::string& text) {
  ASSIGN_OR_RETURN(const uint64_t bytes, ParseHumanizedBytes(text));
  return static_cast<double>(bytes);
}

// A comparison of a converted value: rows without the label go, those that do not convert stay.
bool CompareConverted(const std::string& name, CompareOp op, double right,
                      StatusOr<double> (*convert)(const std::string&), ReferenceRow* row) {
  const std::optional<std::string> text = row->Get(name);
  if (!text.has_value()) return false;
  const StatusOr<double> left = convert(*text);
  if (left.ok()) return Compare(op, *left, right);
  if (!row->HasError()) row->SetError("LabelFilterErr", std::string(Message(left.status())));
  return true;
}

bool Holds(const query::StringCondition& condition, const ReferenceRow& row) {
  const std::string value = row.Get(condition.name).value_or("");
  switch (condition.op) {
    case MatchOp::kEqual:
      return value == condition.value;
    case MatchOp::kNotEqual:
      return value != condition.value;
    case MatchOp::kRegex:
      return LabelMatches(condition.value, value);
    case MatchOp::kNotRegex:
      return !LabelMatches(condition.value, value);
  }
  return false;
}

// The text of `.label` or `.label | ToUpper`.
std::string Evaluate(std::string_view action, const ReferenceLabels& labels) {
  const size_t bar = action.find(" | ");
  const auto label = labels.find(std::string(action.substr(1, bar - 1)));
  std::string text = label == labels.end() ? "" : label->second;
  if (bar != std::string_view::npos) {
    for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return text;
}

// Text with what stands between `{{` and `}}` replaced.
std::string Expand(std::string_view format, const ReferenceLabels& labels) {
  std::string out;
  for (size_t open; (open = format.find("{{")) != std::string_view::npos;) {
    const size_t close = format.find("}}", open);
    out += format.substr(0, open);
    out += Evaluate(format.substr(open + 2, close - open - 2), labels);
    format.remove_prefix(close + 2);
  }
  return out + std::string(format);
}

void FormatLabels(const query::LabelFormatStage& stage, ReferenceRow* row) {
  std::optional<ReferenceLabels> seen;  // the labels when the first template runs
  for (const query::LabelFormat& format : stage.formats) {
    if (format.is_rename) {
      const std::optional<std::string> value = row->Get(format.value);
      if (!value.has_value()) continue;
      row->parsed[format.target] = *value;
      row->Remove(format.value);
    } else {
      if (!seen.has_value()) seen = row->All();
      row->parsed[format.target] = Expand(format.value, *seen);
    }
  }
}

// True if an element of drop or keep applies to a label.
bool Names(const query::NamedLabel& named, const std::string& name, const ReferenceRow& row) {
  if (named.name != name) return false;
  return !named.condition.has_value() || Holds(*named.condition, row);
}

void Drop(const query::DropStage& stage, ReferenceRow* row) {
  for (const query::NamedLabel& named : stage.labels) {
    if (Names(named, named.name, *row)) row->Remove(named.name);
  }
}

void Keep(const query::KeepStage& stage, ReferenceRow* row) {
  for (const auto& [name, value] : row->All()) {
    if (name == "__error__" || name == "__error_details__") continue;
    const bool kept =
        std::any_of(stage.labels.begin(), stage.labels.end(),
                    [&, &label = name](const auto& named) { return Names(named, label, *row); });
    if (!kept) row->Remove(name);
  }
}

}  // namespace

ReferenceRow::ReferenceRow(const PlainRow& row) : time(row.time), line(row.line) {
  const LabelSet labels = Labels(row.labels);
  for (size_t i = 0; i < labels.size(); ++i) {
    stream.emplace(labels[i].name, labels[i].value);
    original_stream.emplace(labels[i].name);
  }
  for (const auto& [name, text] : row.metadata) {
    metadata.emplace(stream.contains(name) ? name + "_extracted" : name, text);
  }
}

std::optional<std::string> ReferenceRow::Get(const std::string& name) const {
  for (const ReferenceLabels* labels : {&parsed, &metadata, &stream}) {
    const auto at = labels->find(name);
    if (at != labels->end()) return at->second;
  }
  return std::nullopt;
}

void ReferenceRow::Remove(const std::string& name) {
  parsed.erase(name);
  metadata.erase(name);
  stream.erase(name);
}

void ReferenceRow::SetError(const std::string& type, const std::string& details) {
  parsed["__error__"] = type;
  parsed.erase("__error_details__");
  if (!details.empty()) parsed["__error_details__"] = details;
}

ReferenceLabels ReferenceRow::All() const {
  ReferenceLabels all = parsed;
  all.insert(metadata.begin(), metadata.end());
  all.insert(stream.begin(), stream.end());
  return all;
}

std::string ReferenceRow::NameFor(const std::string& name) const {
  const bool taken = original_stream.contains(name) || metadata.contains(name);
  return taken ? name + "_extracted" : name;
}

void ReferenceRow::SetFirst(const std::string& name, const std::string& text) {
  const std::string final_name = NameFor(name);
  if (parsed.contains(final_name) || !extracted.insert(final_name).second) return;
  parsed.emplace(final_name, text);
  for (const EarlyCondition& early : early_conditions) {
    if (is_dropped || early.name != final_name) continue;
    is_dropped = !ApplyCondition(*early.condition, this);
  }
}

bool ApplyCondition(const query::LabelCondition& condition, ReferenceRow* row) {
  if (const auto* text = std::get_if<query::StringCondition>(&condition.node)) {
    return Holds(*text, *row);
  }
  if (const auto* number = std::get_if<query::NumberCondition>(&condition.node)) {
    return CompareConverted(number->name, number->op, number->value, ParseNumber, row);
  }
  if (const auto* time = std::get_if<query::DurationCondition>(&condition.node)) {
    const double seconds = static_cast<double>(time->nanos) / 1e9;
    return CompareConverted(time->name, time->op, seconds, ParseSeconds, row);
  }
  if (const auto* bytes = std::get_if<query::BytesCondition>(&condition.node)) {
    return CompareConverted(bytes->name, bytes->op, static_cast<double>(bytes->bytes), ParseBytes,
                            row);
  }
  if (const auto* ip = std::get_if<query::IpCondition>(&condition.node)) {
    if (row->HasError()) return true;
    const std::optional<std::string> text = row->Get(ip->name);
    if (!text.has_value()) return false;
    return (FindAddress(ip->pattern, *text) == AddressSearch::kFound) != ip->negated;
  }
  const auto* both = std::get_if<query::BooleanCondition>(&condition.node);
  if (both == nullptr) return false;
  const bool left = ApplyCondition(*both->left, row);
  if (both->is_or) return left || ApplyCondition(*both->right, row);
  return ApplyCondition(*both->right, row) && left;
}

StatusOr<bool> ApplyStage(const query::Stage& stage, ReferenceRow* row) {
  if (const auto* filter = std::get_if<query::LineFilterStage>(&stage)) {
    return LineHolds(*filter, row->line);
  }
  if (const auto* filter = std::get_if<query::LabelFilterStage>(&stage)) {
    return ApplyCondition(filter->condition, row);
  }
  if (const auto* json = std::get_if<query::JsonStage>(&stage)) {
    ReadJson(*json, row);
  } else if (const auto* logfmt = std::get_if<query::LogfmtStage>(&stage)) {
    ReadLogfmt(*logfmt, row);
  } else if (const auto* regexp = std::get_if<query::RegexpStage>(&stage)) {
    ReadRegexp(*regexp, row);
  } else if (const auto* pattern = std::get_if<query::PatternStage>(&stage)) {
    ReadPattern(*pattern, row);
  } else if (std::holds_alternative<query::UnpackStage>(stage)) {
    ReadPacked(row);
  } else if (std::holds_alternative<query::DecolorizeStage>(stage)) {
    row->line = Decolorized(row->line);
  } else if (const auto* format = std::get_if<query::LineFormatStage>(&stage)) {
    row->line = Expand(format->format, row->All());
  } else if (const auto* labels = std::get_if<query::LabelFormatStage>(&stage)) {
    FormatLabels(*labels, row);
  } else if (const auto* drop = std::get_if<query::DropStage>(&stage)) {
    Drop(*drop, row);
  } else if (const auto* keep = std::get_if<query::KeepStage>(&stage)) {
    Keep(*keep, row);
  } else {
    return Internal("a stage that the reference evaluator does not know");
  }
  return !row->is_dropped;
}

bool ApplyUnwrap(const query::Unwrap& unwrap, ReferenceRow* row) {
  const std::string text = row->Get(unwrap.label).value_or("");
  if (text.empty()) return false;
  const auto convert = unwrap.conversion == query::UnwrapConversion::kNone    ? ParseNumber
                       : unwrap.conversion == query::UnwrapConversion::kBytes ? ParseBytes
                                                                              : ParseSeconds;
  const StatusOr<double> value = convert(text);
  row->value = value.value_or(0);
  if (!value.ok()) row->SetError("SampleExtractionErr", std::string(Message(value.status())));
  return true;
}

}  // namespace skald::test_support
