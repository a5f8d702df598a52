#include "query/stage/label_regex.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "storage/model/go_regex.h"

namespace skald::query {

StatusOr<LabelRegex> LabelRegex::Compile(std::string_view regex) {
  LabelRegex compiled;
  ASSIGN_OR_RETURN(const std::shared_ptr<const RE2> checked, CompileGoRegex(regex));
  if (std::optional<RegexTests> tests = RewriteRegex(regex)) {
    compiled.tests_ = std::move(*tests);
    compiled.matches_all_ = compiled.tests_.empty();
    const bool folds = std::any_of(compiled.tests_.begin(), compiled.tests_.end(),
                                   [](const RegexTest& test) { return test.fold; });
    if (!folds) return compiled;
    ASSIGN_OR_RETURN(compiled.regex_, CompileGoRegex(PatternOf(compiled.tests_, true)));
    compiled.tests_.clear();
    return compiled;
  }
  ASSIGN_OR_RETURN(compiled.regex_, CompileGoRegex(StrCat("^(?:", regex, ")$")));
  return compiled;
}

bool LabelRegex::Matches(std::string_view value) const {
  if (matches_all_) return true;
  for (const RegexTest& test : tests_) {
    switch (test.kind) {
      case RegexTest::Kind::kEqual:
        if (value == test.text) return true;
        break;
      case RegexTest::Kind::kContains:
        if (value.find(test.text) != std::string_view::npos) return true;
        break;
      case RegexTest::Kind::kNotEmpty:
        if (!value.empty()) return true;
        break;
    }
  }
  return regex_ != nullptr && RE2::PartialMatch(ToRe2(value), *regex_);
}

std::vector<std::string> LabelRegex::Values() const {
  std::vector<std::string> values;
  for (const RegexTest& test : tests_) {
    if (test.kind != RegexTest::Kind::kEqual || test.fold) return {};
    values.push_back(test.text);
  }
  return values;
}

}  // namespace skald::query
