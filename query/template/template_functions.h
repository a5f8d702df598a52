// The functions that templates may call, and what a call of one sees.
//
// Each file template_functions_*.cc holds one group and its table; the executor has checked number
// and types of the arguments against the table before a function runs.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "query/template/template_context.h"
#include "query/template/template_scratch.h"
#include "query/template/template_value.h"
#include "storage/base/status.h"

namespace skald::query {

// No string that a template builds may be longer.
inline constexpr size_t kMaxTemplateText = size_t{4} << 20;

// One call: arguments, and services for building the result.
//
// Errors carry the bare reason; the executor adds place and name.
class FunctionCall {
 public:
  FunctionCall(std::span<const Value> args, const TemplateContext& context,
               TemplateScratch* scratch, const std::shared_ptr<const RE2>& constant_regex)
      : args_(args), context_(context), scratch_(scratch), constant_regex_(constant_regex) {}

  std::span<const Value> args() const { return args_; }
  const Value& arg(size_t i) const { return args_[i]; }
  std::string_view String(size_t i) const { return args_[i].as_string(); }
  int64_t Int(size_t i) const { return args_[i].as_int(); }
  const GoTime& Time(size_t i) const { return args_[i].as_time(); }
  const TemplateContext& context() const { return context_; }
  Arena* arena() const { return &scratch_->arena; }

  // An empty string to build the result in.
  std::string* NewText() const;
  // Ok while the text under way is within its limit.
  Status CheckText() const;
  // Counts a regex's match over so many bytes as work; an error when the line has none left.
  Status SpendMatch(const RE2& regex, size_t bytes) const;
  // The text under way as a value.
  StatusOr<Value> TextValue() const;
  // A value that views `time`'s copy in the arena.
  Value TimeValue(const GoTime& time) const;

  // The first argument compiled. The pointer lives until the next call of this.
  StatusOr<const RE2*> Regex() const;
  // A time zone by name; UTC when there is none of that name.
  absl::TimeZone Zone(std::string_view name) const;

 private:
  const std::span<const Value> args_;
  const TemplateContext& context_;
  TemplateScratch* const scratch_;
  const std::shared_ptr<const RE2>& constant_regex_;
};

using FunctionBody = StatusOr<Value> (*)(const FunctionCall& call);

// The executor itself evaluates and, or (they stop early) and call (it never finds a function).
enum class FunctionRole { kPlain, kAnd, kOr, kCall };

struct FunctionSpec {
  std::string_view name;
  // One character an argument: s string, i int, f float64, t time.Time, a interface {} (nil when
  // there is no value), v any value as it is. A star repeats the last any number of times.
  std::string_view parameters;
  FunctionBody body = nullptr;
  // The first argument is a regex: compiled once when it is constant.
  bool takes_regex = false;
  FunctionRole role = FunctionRole::kPlain;

  bool variadic() const { return !parameters.empty() && parameters.back() == '*'; }
  // The number of arguments outside the repeated one.
  size_t fixed() const { return parameters.size() - (variadic() ? 2 : 0); }
  // The type of argument `i`.
  char parameter(size_t i) const {
    return i < fixed() ? parameters[i] : parameters[parameters.size() - 2];
  }
};

// The function of that name, or nullptr.
const FunctionSpec* FindFunction(std::string_view name);

// The groups.
std::span<const FunctionSpec> BuiltinFunctions();
std::span<const FunctionSpec> ComparisonFunctions();
std::span<const FunctionSpec> StringFunctions();
std::span<const FunctionSpec> RegexFunctions();
std::span<const FunctionSpec> NumberFunctions();
std::span<const FunctionSpec> EncodingFunctions();
std::span<const FunctionSpec> TimeFunctions();

}  // namespace skald::query
