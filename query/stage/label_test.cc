#include "query/stage/label_test.h"

#include <utility>

#include "storage/base/byte_size.h"
#include "storage/base/duration.h"
#include "storage/base/go_number.h"

namespace skald::query {
namespace {

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

Verdict VerdictOf(bool keep) { return keep ? Verdict::kKeep : Verdict::kDrop; }

}  // namespace

StatusOr<LabelTest> LabelTest::Compile(const StringCondition& condition) {
  Text text;
  text.negated = condition.op == MatchOp::kNotEqual || condition.op == MatchOp::kNotRegex;
  if (condition.op == MatchOp::kRegex || condition.op == MatchOp::kNotRegex) {
    ASSIGN_OR_RETURN(LabelRegex regex, LabelRegex::Compile(condition.value));
    text.regex = std::make_shared<const LabelRegex>(std::move(regex));
  } else {
    text.equal = condition.value;
  }
  return LabelTest(condition.name, std::move(text));
}

StatusOr<LabelTest> LabelTest::Compile(const IpCondition& condition) {
  ASSIGN_OR_RETURN(IpPattern pattern, IpPattern::Parse(condition.pattern));
  return LabelTest(condition.name, Ip{pattern, condition.negated});
}

LabelTest LabelTest::Of(const NumberCondition& condition) {
  return LabelTest(condition.name, Number{condition.op, condition.value});
}

LabelTest LabelTest::Of(const DurationCondition& condition) {
  return LabelTest(condition.name, Duration{condition.op, condition.nanos});
}

LabelTest LabelTest::Of(const BytesCondition& condition) {
  return LabelTest(condition.name, Bytes{condition.op, condition.bytes});
}

Verdict LabelTest::Judge(std::string_view value) const {
  if (const Text* text = std::get_if<Text>(&test_)) {
    const bool matches = text->regex ? text->regex->Matches(value) : value == text->equal;
    return VerdictOf(matches != text->negated);
  }
  if (IsAbsent(value)) return Verdict::kDrop;
  if (const Number* number = std::get_if<Number>(&test_)) {
    double parsed = 0;
    if (!TryParseGoFloat(value, &parsed)) return Verdict::kFailed;
    return VerdictOf(Compare(number->op, parsed, number->value));
  }
  if (const Duration* duration = std::get_if<Duration>(&test_)) {
    const auto parsed = ParseGoDuration(value);
    if (!parsed.ok()) return Verdict::kFailed;
    return VerdictOf(Compare(duration->op, parsed->count(), duration->nanos));
  }
  if (const Bytes* bytes = std::get_if<Bytes>(&test_)) {
    const auto parsed = ParseHumanizedBytes(value);
    if (!parsed.ok()) return Verdict::kFailed;
    return VerdictOf(Compare(bytes->op, *parsed, bytes->bytes));
  }
  const Ip& ip = std::get<Ip>(test_);
  return VerdictOf(ip.pattern.OccursIn(value) != ip.negated);
}

std::string LabelTest::FailureOf(std::string_view value) const {
  Status status;
  if (std::holds_alternative<Number>(test_)) {
    status = ParseGoFloat(value).status();
  } else if (std::holds_alternative<Duration>(test_)) {
    status = ParseGoDuration(value).status();
  } else if (std::holds_alternative<Bytes>(test_)) {
    status = ParseHumanizedBytes(value).status();
  }
  return std::string(Message(status));
}

}  // namespace skald::query
