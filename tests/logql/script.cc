#include "tests/logql/script.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include "query/syntax/string_literal.h"
#include "storage/base/duration.h"
#include "storage/model/labels.h"

namespace skald::logql_test {
namespace {

using test_support::PlainRow;
using MetadataPairs = std::vector<std::pair<std::string, std::string>>;

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Takes a Go string from the start of `text`.
std::optional<std::string> TakeQuoted(std::string_view* text) {
  StatusOr<query::QuotedLiteral> literal = query::DecodeQuoted(*text, '"');
  if (!literal.ok()) return std::nullopt;
  text->remove_prefix(literal->size);
  return std::move(literal->value);
}

// `a=b c="d e"`; nothing when the text is anything else.
std::optional<MetadataPairs> ParseMetadata(std::string_view text) {
  MetadataPairs pairs;
  for (text = Trim(text); !text.empty(); text = Trim(text)) {
    const size_t equals = text.find('=');
    const size_t space = std::min(text.find(' '), text.size());
    if (equals == std::string_view::npos || equals == 0 || equals > space) return std::nullopt;
    std::string name(text.substr(0, equals));
    text.remove_prefix(equals + 1);
    if (text.starts_with('"')) {
      std::optional<std::string> value = TakeQuoted(&text);
      if (!value.has_value()) return std::nullopt;
      pairs.emplace_back(std::move(name), *std::move(value));
    } else {
      const size_t end = std::min(text.find(' '), text.size());
      pairs.emplace_back(std::move(name), text.substr(0, end));
      text.remove_prefix(end);
    }
  }
  if (pairs.empty()) return std::nullopt;
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

// Splits `line | a=b` and fills the row's text and metadata.
Status ParseEntry(std::string_view text, PlainRow* row) {
  if (const size_t bar = text.rfind(" | "); bar != std::string_view::npos) {
    if (std::optional<MetadataPairs> pairs = ParseMetadata(text.substr(bar + 3))) {
      row->metadata = *std::move(pairs);
      text = Trim(text.substr(0, bar));
    }
  }
  row->line = text;
  if (!text.starts_with("$\"")) return absl::OkStatus();
  text.remove_prefix(1);
  std::optional<std::string> line = TakeQuoted(&text);
  if (!line.has_value() || !text.empty()) return InvalidArgument("bad quoted line");
  row->line = *std::move(line);
  return absl::OkStatus();
}

StatusOr<int64_t> ParseCount(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return InvalidArgument(StrCat("not a number: ", text));
  }
  return value;
}

bool RepeatsFollow(std::string_view text) {
  return text.size() > 2 && text.starts_with("x ") && text[2] >= '0' && text[2] <= '9';
}

// Reads `10s`, `+10s`, `+10s x 5` at the start of an entry.
struct Times {
  int64_t first = 0;
  int64_t step = 0;
  int64_t count = 1;
};
StatusOr<Times> TakeTimes(std::string_view* text, int64_t last) {
  Times times;
  std::string_view word = TakeWord(text);
  const bool relative = word.starts_with('+');
  if (relative) word.remove_prefix(1);
  ASSIGN_OR_RETURN(times.first, ParseTime(word));
  times.step = times.first;
  if (relative) times.first += last;
  if (RepeatsFollow(*text)) {
    TakeWord(text);
    ASSIGN_OR_RETURN(times.count, ParseCount(TakeWord(text)));
  }
  return times;
}

Status ParseOption(std::string_view option, std::string_view* text, query::QueryParams* params) {
  const auto take_time = [text](int64_t* out) -> Status {
    ASSIGN_OR_RETURN(*out, ParseTime(TakeWord(text)));
    return absl::OkStatus();
  };
  if (option == "from") return take_time(&params->start);
  if (option == "to") return take_time(&params->end);
  if (option == "step") return take_time(&params->step);
  if (option == "interval") return take_time(&params->interval);
  if (option == "at") {
    RETURN_IF_ERROR(take_time(&params->start));
    params->end = params->start;
    return absl::OkStatus();
  }
  if (option == "limit") {
    ASSIGN_OR_RETURN(const int64_t limit, ParseCount(TakeWord(text)));
    params->limit = static_cast<uint32_t>(limit);
    return absl::OkStatus();
  }
  params->direction = query::Direction::kForward;
  if (option == "backward") params->direction = query::Direction::kBackward;
  if (option == "categorized") params->categorize = true;
  return absl::OkStatus();
}

bool IsOption(std::string_view word) {
  static constexpr std::string_view kOptions[] = {
      "from", "to", "step", "interval", "at", "limit", "forward", "backward", "categorized"};
  return std::find(std::begin(kOptions), std::end(kOptions), word) != std::end(kOptions);
}

}  // namespace

std::string_view TakeWord(std::string_view* text) {
  const size_t end = std::min(text->find(' '), text->size());
  const std::string_view word = text->substr(0, end);
  text->remove_prefix(end);
  text->remove_prefix(std::min(text->find_first_not_of(' '), text->size()));
  return word;
}

StatusOr<std::vector<Statement>> ParseScript(const std::vector<std::string>& lines) {
  std::vector<Statement> statements;
  for (size_t i = 0; i < lines.size(); ++i) {
    std::string_view text = Trim(lines[i]);
    if (text.empty() || text.starts_with('#')) continue;
    if (lines[i].starts_with(' ')) {
      if (statements.empty()) return InvalidArgument("the script starts with an indented line");
      statements.back().body.emplace_back(text);
      statements.back().body_end = i + 1;
      continue;
    }
    Statement& statement = statements.emplace_back();
    statement.line = i;
    statement.body_end = i + 1;
    statement.keyword = TakeWord(&text);
    statement.rest = text;
  }
  return statements;
}

StatusOr<Evaluation> ParseEvaluation(std::string_view text) {
  Evaluation evaluation;
  query::QueryParams& params = evaluation.params;
  const std::string_view kind = TakeWord(&text);
  if (kind == "log") {
    evaluation.kind = Evaluation::Kind::kLog;
    params.direction = query::Direction::kForward;
    params.end = int64_t{3600} * 1'000'000'000;
  } else if (kind == "range") {
    evaluation.kind = Evaluation::Kind::kRange;
  } else if (kind == "instant") {
    evaluation.kind = Evaluation::Kind::kInstant;
    params.instant = true;
  } else {
    return InvalidArgument(StrCat("unknown kind of eval: ", kind));
  }
  for (std::string_view rest = text; IsOption(TakeWord(&rest)); rest = text) {
    const std::string_view option = TakeWord(&text);
    RETURN_IF_ERROR(ParseOption(option, &text, &params));
  }
  evaluation.query = text;
  return evaluation;
}

StatusOr<std::vector<PlainRow>> ParseRows(const Statement& load) {
  std::vector<PlainRow> rows;
  int64_t last = 0;
  for (const std::string& entry : load.body) {
    std::string_view text = entry;
    ASSIGN_OR_RETURN(const Times times, TakeTimes(&text, last));
    PlainRow row;
    row.labels = test_support::Labels(load.rest).ToString();
    RETURN_IF_ERROR(ParseEntry(text, &row));
    for (int64_t i = 0; i < times.count; ++i) {
      row.time = times.first + i * times.step;
      rows.push_back(row);
    }
    last = row.time;
  }
  return rows;
}

StatusOr<int64_t> ParseTime(std::string_view text) {
  if (text == "0") return 0;
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  ASSIGN_OR_RETURN(const std::chrono::nanoseconds time, ParseGoDuration(text));
  return negative ? -time.count() : time.count();
}

std::string FormatTime(int64_t nanos) {
  std::string text = FormatGoDuration(std::chrono::nanoseconds(nanos));
  // `5m0s` and `1h0m0s` read worse than `5m` and `1h`.
  for (const std::string_view zero : {"m0s", "h0m"}) {
    if (text.ends_with(zero)) text.resize(text.size() - zero.size() + 1);
  }
  return text;
}

std::string FormatLine(std::string_view line) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
  const bool plain = !line.empty() && Trim(line) == line && !line.starts_with("$\"") &&
                     std::none_of(line.begin(), line.end(), is_control);
  if (plain) return std::string(line);
  std::string quoted = "$";
  AppendQuoted(&quoted, line);
  return quoted;
}

}  // namespace skald::logql_test
