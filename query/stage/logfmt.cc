#include "query/stage/logfmt.h"

#include "query/stage/json_text.h"

namespace skald::query {

std::string_view LogfmtLabelValue(const LogfmtScanner& scanner, Arena* arena) {
  std::string_view value = scanner.value();
  if (scanner.escaped()) {
    // Half a surrogate pair of six bytes becomes a rune of three: the text never grows.
    char* const out = arena->Allocate(value.size() + 1);
    value = std::string_view(out, UnescapeLogfmt(value, out));
  }
  return ReplaceBadRunes(value, arena);
}

Status LogfmtParser::Apply(Batch* batch) {
  return labels_.ForEachRow(batch, [this](std::string_view line) { Parse(line); });
}

void LogfmtParser::Parse(std::string_view line) {
  Arena* const arena = labels_.batch()->arena();
  LogfmtScanner scanner(line);
  while (true) {
    switch (scanner.Next()) {
      case LogfmtScanner::Result::kEnd:
        return;
      case LogfmtScanner::Result::kError:
        if (flags_.strict) {
          labels_.SetError(kLogfmtParserError, arena->Copy(scanner.Error()));
          return;
        }
        scanner.SkipPair();
        continue;
      case LogfmtScanner::Result::kPair:
        break;
    }
    if (scanner.value().empty() && !flags_.keep_empty) continue;
    ParsedLabels::Target* target = labels_.Wanted(labels_.Child(labels_.root(), scanner.key()));
    if (target == nullptr) continue;
    if (labels_.Set(target, LogfmtLabelValue(scanner, arena)) == ParseNext::kDone) return;
  }
}

}  // namespace skald::query
