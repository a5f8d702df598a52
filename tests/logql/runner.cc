#include "tests/logql/runner.h"

#include <algorithm>
#include <utility>

#include "absl/time/time.h"
#include "query/syntax/parser.h"
#include "query/syntax/printer.h"
#include "re2/re2.h"
#include "tests/query/syntax_dump.h"

namespace skald::logql_test {
namespace {

constexpr std::string_view kFailRegex = "expect fail regex: ";

// Lines of a body that say how to compare, and those that are compared.
struct Expectation {
  Comparison how;
  std::vector<std::string> modifiers;
  std::vector<std::string> answer;
};
Expectation ReadExpectation(const std::vector<std::string>& body) {
  Expectation expectation;
  for (const std::string& line : body) {
    if (line == "expect ordered" || line == "expect exact") {
      (line == "expect exact" ? expectation.how.exact : expectation.how.ordered) = true;
      expectation.modifiers.push_back(line);
    } else {
      expectation.answer.push_back(line);
    }
  }
  return expectation;
}

// True if the script expects a failure by regex, and this is one that it matches.
bool FailsAsExpected(const std::vector<std::string>& expected,
                     const std::vector<std::string>& actual) {
  if (expected.size() != 1 || actual.size() != 1) return false;
  if (!expected[0].starts_with(kFailRegex)) return false;
  if (!actual[0].starts_with("expect fail ")) return false;
  return RE2::PartialMatch(actual[0], expected[0].substr(kFailRegex.size()));
}

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) StrAppend(&text, "    ", line, "\n");
  return text;
}

}  // namespace

ScriptResult ScriptRunner::Run(const std::vector<std::string>& lines) {
  lines_ = lines;
  const StatusOr<std::vector<Statement>> statements = ParseScript(lines);
  if (!statements.ok()) {
    result_.mismatches.push_back({1, std::string(Message(statements.status()))});
    return result_;
  }
  for (const Statement& statement : *statements) {
    if (const Status status = RunStatement(statement); !status.ok()) {
      result_.mismatches.push_back({statement.line + 1, std::string(Message(status))});
    }
    if (!result_.skipped.empty()) return result_;
  }
  result_.updated.insert(result_.updated.end(),
                         lines_.begin() + static_cast<std::ptrdiff_t>(copied_), lines_.end());
  return std::move(result_);
}

Status ScriptRunner::RunStatement(const Statement& statement) {
  if (statement.keyword == "load") {
    ASSIGN_OR_RETURN(const auto rows, ParseRows(statement));
    stores_.Add(rows);
    return absl::OkStatus();
  }
  if (statement.keyword == "clear") {
    stores_.Clear();
    limits_ = {};
    drilldown_ = false;
    return absl::OkStatus();
  }
  if (statement.keyword == "eval") return Evaluate(statement);
  if (statement.keyword == "set") return Set(statement.rest);
  if (statement.keyword == "require") return Require(statement.rest);
  if (statement.keyword == "parse") {
    Parse(statement);
    return absl::OkStatus();
  }
  return InvalidArgument(StrCat("unknown statement: ", statement.keyword));
}

Status ScriptRunner::Require(std::string_view what) {
  if (TakeWord(&what) != "zone") return InvalidArgument("only a zone can be required");
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(ToAbsl(what), &zone)) result_.skipped = StrCat("no zone ", what);
  return absl::OkStatus();
}

Status ScriptRunner::Set(std::string_view setting) {
  const std::string_view name = TakeWord(&setting);
  if (name == "drilldown") {
    drilldown_ = setting == "true";
    return absl::OkStatus();
  }
  if (name == "required_labels") {
    limits_.required_labels.assign(1, std::string(setting));
    return absl::OkStatus();
  }
  if (name == "max_query_range" || name == "max_query_length") {
    ASSIGN_OR_RETURN(const int64_t length, ParseTime(setting));
    (name == "max_query_range" ? limits_.max_query_range : limits_.max_query_length) = length;
    return absl::OkStatus();
  }
  const std::pair<std::string_view, uint32_t*> numbers[] = {
      {"max_entries_limit_per_query", &limits_.max_entries_limit_per_query},
      {"max_query_series", &limits_.max_query_series},
      {"max_streams_matchers_per_query", &limits_.max_streams_matchers_per_query},
      {"minimum_labels_number", &limits_.minimum_labels_number},
  };
  for (const auto& [known, value] : numbers) {
    if (known != name) continue;
    *value = static_cast<uint32_t>(std::stoul(std::string(setting)));
    return absl::OkStatus();
  }
  return InvalidArgument(StrCat("unknown setting: ", name));
}

Status ScriptRunner::Evaluate(const Statement& statement) {
  ASSIGN_OR_RETURN(Evaluation evaluation, ParseEvaluation(statement.rest));
  evaluation.params.limits = limits_;
  evaluation.params.drilldown = drilldown_;
  std::vector<std::string> first;
  for (const Layout layout : kLayouts) {
    ASSIGN_OR_RETURN(Store * store, stores_.Get(layout));
    const std::vector<std::string> answer =
        AnswerLines(store->Run(evaluation.query, evaluation.params), evaluation.params);
    Expect(statement, NameOf(layout), answer);
    if (layout == kLayouts.front()) first = answer;
  }
  Rewrite(statement, first);
  return absl::OkStatus();
}

void ScriptRunner::Parse(const Statement& statement) {
  const StatusOr<query::Query> query = query::ParseQuery(statement.rest);
  std::vector<std::string> actual;
  if (query.ok()) {
    actual = {StrCat("ast ", query::Dump(*query)), StrCat("text ", query::Print(*query))};
  } else {
    actual = {StrCat("expect fail ", Message(query.status()))};
  }
  Expect(statement, "parser", actual);
  Rewrite(statement, actual);
}

void ScriptRunner::Expect(const Statement& statement, std::string_view where,
                          const std::vector<std::string>& actual) {
  const Expectation expectation = ReadExpectation(statement.body);
  if (FailsAsExpected(expectation.answer, actual)) return;
  if (SameAnswer(expectation.answer, actual, expectation.how)) return;
  result_.mismatches.push_back(
      {statement.line + 1,
       StrCat(statement.keyword, " ", statement.rest, "\n  over ", where, " gives\n",
              Joined(actual), "  not\n", Joined(expectation.answer))});
}

void ScriptRunner::Rewrite(const Statement& statement, const std::vector<std::string>& actual) {
  const Expectation expectation = ReadExpectation(statement.body);
  if (FailsAsExpected(expectation.answer, actual)) return;
  const auto line = [this](size_t i) { return lines_.begin() + static_cast<std::ptrdiff_t>(i); };
  std::vector<std::string>& updated = result_.updated;
  updated.insert(updated.end(), line(copied_), line(statement.line + 1));
  for (const std::string& modifier : expectation.modifiers) updated.push_back("  " + modifier);
  for (const std::string& text : actual) updated.push_back("  " + text);
  copied_ = statement.body_end;
}

}  // namespace skald::logql_test
