#include "query/syntax/regexp_syntax.h"

#include <string>

#include "absl/strings/ascii.h"
#include "storage/base/strings.h"
#include "storage/model/go_regex.h"

namespace skald::query {
namespace {

// To find groups takes time that grows with their number and with the regex, for each byte of a
// line; far beyond what lines need, it would take minutes for a single one.
constexpr int kMaxGroups = 100;
constexpr int kMaxProgramSize = 20'000;

// Go's capture names; RE2 takes any letters.
bool IsGoCaptureName(std::string_view name) {
  for (const char c : name) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '_') return false;
  }
  return true;
}

}  // namespace

Status CheckRegexpPattern(std::string_view pattern) {
  ASSIGN_OR_RETURN(const auto regex, CompileGoRegex(pattern));
  if (regex->NumberOfCapturingGroups() > kMaxGroups || regex->ProgramSize() > kMaxProgramSize) {
    return InvalidArgument("error parsing regexp: expression too large");
  }
  StringSet names;
  for (const auto& [group, name] : regex->CapturingGroupNames()) {
    if (!IsGoCaptureName(name)) {
      return InvalidArgument(
          StrCat("error parsing regexp: invalid named capture: `(?P<", name, ">`"));
    }
    if (!names.insert(name).second) {
      return InvalidArgument(StrCat("duplicate extracted label name '", name, "'"));
    }
  }
  if (names.empty()) return InvalidArgument("at least one named capture must be supplied");
  return absl::OkStatus();
}

}  // namespace skald::query
