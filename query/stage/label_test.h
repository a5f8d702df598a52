// One condition of a label filter, compiled: what a value must satisfy (logql.md 7).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "query/stage/ip_pattern.h"
#include "query/stage/label_regex.h"
#include "query/syntax/ast.h"
#include "storage/base/status.h"
#include "storage/model/column.h"

namespace skald::query {

inline constexpr std::string_view kLabelFilterError = "LabelFilterErr";

enum class Verdict : uint8_t {
  kDrop,
  kKeep,
  kFailed,  // the value does not convert: the line stays, with LabelFilterErr
};

// Threads: immutable. Copies share compiled regexes.
class LabelTest {
 public:
  // InvalidArgument with the cause of the stage error.
  static StatusOr<LabelTest> Compile(const StringCondition& condition);
  static StatusOr<LabelTest> Compile(const IpCondition& condition);
  static LabelTest Of(const NumberCondition& condition);
  static LabelTest Of(const DurationCondition& condition);
  static LabelTest Of(const BytesCondition& condition);

  const std::string& name() const { return name_; }
  // True if a row that is already in error passes whatever the value is.
  bool passes_errors() const { return std::holds_alternative<Ip>(test_); }
  // True if the verdict may be kFailed.
  bool may_fail() const {
    return !std::holds_alternative<Text>(test_) && !std::holds_alternative<Ip>(test_);
  }

  // Judges a value (kAbsent: the row has no such label).
  Verdict Judge(std::string_view value) const;
  // Why Judge(value) is kFailed: the text of __error_details__.
  std::string FailureOf(std::string_view value) const;

 private:
  struct Text {
    std::string equal;
    std::shared_ptr<const LabelRegex> regex;  // used instead of `equal`
    bool negated;
  };
  struct Number {
    CompareOp op;
    double value;
  };
  struct Duration {
    CompareOp op;
    int64_t nanos;
  };
  struct Bytes {
    CompareOp op;
    uint64_t bytes;
  };
  struct Ip {
    IpPattern pattern;
    bool negated;
  };
  using Test = std::variant<Text, Number, Duration, Bytes, Ip>;

  LabelTest(std::string name, Test test) : name_(std::move(name)), test_(std::move(test)) {}

  std::string name_;
  Test test_;
};

}  // namespace skald::query
