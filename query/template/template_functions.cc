#include "query/template/template_functions.h"

#include <cstring>
#include <new>

#include "storage/model/go_regex.h"

namespace skald::query {
namespace {

constexpr size_t kMaxCachedRegexes = 16;
constexpr size_t kMaxCachedZones = 64;
constexpr int64_t kMatchStepsPerWork = 4;  // a byte under one instruction of the regex is a step

using FunctionTable = absl::flat_hash_map<std::string_view, const FunctionSpec*>;

const FunctionTable& Functions() {
  static const FunctionTable* const table = [] {
    auto* all = new FunctionTable;
    for (const auto& group :
         {BuiltinFunctions(), ComparisonFunctions(), StringFunctions(), RegexFunctions(),
          NumberFunctions(), EncodingFunctions(), TimeFunctions()}) {
      for (const FunctionSpec& spec : group) all->emplace(spec.name, &spec);
    }
    return all;
  }();
  return *table;
}

}  // namespace

const FunctionSpec* FindFunction(std::string_view name) {
  const auto found = Functions().find(name);
  return found == Functions().end() ? nullptr : found->second;
}

std::string* FunctionCall::NewText() const {
  scratch_->text.clear();
  return &scratch_->text;
}

Status FunctionCall::CheckText() const {
  if (scratch_->text.size() <= kMaxTemplateText) return absl::OkStatus();
  return Exhausted("the result is too long");
}

Status FunctionCall::SpendMatch(const RE2& regex, size_t bytes) const {
  const auto steps = static_cast<int64_t>(bytes + 1) * regex.ProgramSize();
  scratch_->work_left -= steps / kMatchStepsPerWork;
  if (scratch_->work_left >= 0) return absl::OkStatus();
  return Exhausted("the regular expression takes too long on this text");
}

StatusOr<Value> FunctionCall::TextValue() const {
  RETURN_IF_ERROR(CheckText());
  scratch_->work_left -= static_cast<int64_t>(scratch_->text.size());
  return Value::String(scratch_->arena.Copy(scratch_->text));
}

Value FunctionCall::TimeValue(const GoTime& time) const {
  static_assert(std::is_trivially_destructible_v<GoTime>);
  return Value::Time(new (arena()->Allocate(sizeof(GoTime), alignof(GoTime))) GoTime(time));
}

StatusOr<const RE2*> FunctionCall::Regex() const {
  if (constant_regex_ != nullptr) return constant_regex_.get();
  const std::string_view pattern = String(0);
  auto& cache = scratch_->regexes;
  auto found = cache.find(pattern);
  if (found == cache.end()) {
    if (cache.size() >= kMaxCachedRegexes) cache.clear();
    found = cache.emplace(std::string(pattern), CompileGoRegex(pattern)).first;
  }
  if (!found->second.ok()) return found->second.status();
  return found->second->get();
}

absl::TimeZone FunctionCall::Zone(std::string_view name) const {
  auto& cache = scratch_->zones;
  auto found = cache.find(name);
  if (found == cache.end()) {
    if (cache.size() >= kMaxCachedZones) cache.clear();
    const StatusOr<absl::TimeZone> zone = LoadGoLocation(name);
    found = cache.emplace(std::string(name), zone.ok() ? *zone : absl::UTCTimeZone()).first;
  }
  return found->second;
}

}  // namespace skald::query
