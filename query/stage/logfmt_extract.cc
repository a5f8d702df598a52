#include "query/stage/logfmt_extract.h"

#include <algorithm>

#include "query/stage/json_text.h"
#include "query/stage/label_name.h"
#include "query/syntax/logfmt_key.h"

namespace skald::query {

StatusOr<std::unique_ptr<LogfmtExtractor>> LogfmtExtractor::Create(
    LogfmtFlags flags, const std::vector<Extraction>& extractions, ParserHints hints) {
  std::unique_ptr<LogfmtExtractor> extractor(new LogfmtExtractor(std::move(hints)));
  extractor->strict_ = flags.strict;
  for (const Extraction& extraction : extractions) {
    ASSIGN_OR_RETURN(std::string key, ParseLogfmtKey(extraction.expression));
    extractor->wanted_.push_back({std::move(key), extractor->labels_.Named(extraction.name)});
  }
  return extractor;
}

Status LogfmtExtractor::Apply(Batch* batch) {
  return labels_.ForEachRow(batch, [this](std::string_view line) { Parse(line); });
}

// Every label is set, if only to nothing; a later pair overwrites an earlier one. Keys that no
// expression asks for but that equal a label's name set that label too.
void LogfmtExtractor::Parse(std::string_view line) {
  for (const Wanted& wanted : wanted_) {
    if (!labels_.Conflicts(wanted.target)) {
      labels_.Set(labels_.Place(wanted.target), PresentEmpty());
    }
  }
  LogfmtScanner scanner(line);
  while (true) {
    const LogfmtScanner::Result result = scanner.Next();
    if (result == LogfmtScanner::Result::kEnd) return;
    if (result == LogfmtScanner::Result::kError) {
      if (strict_) {
        labels_.SetError(kLogfmtParserError, labels_.batch()->arena()->Copy(scanner.Error()));
        return;
      }
      scanner.SkipPair();
      continue;
    }
    key_.clear();
    AppendLabelName(scanner.key(), &key_);
    if (!SetPair(scanner)) return;
  }
}

// A pair whose key is a parsed label already counts only if that label is one to extract.
bool LogfmtExtractor::SetPair(const LogfmtScanner& scanner) {
  const auto named = std::find_if(wanted_.begin(), wanted_.end(), [this](const Wanted& wanted) {
    return wanted.target->text == key_;
  });
  bool asked = false;
  for (const Wanted& wanted : wanted_) {
    if (wanted.key != key_) continue;
    asked = true;
    if (named == wanted_.end() && labels_.IsParsed(key_)) continue;
    if (!Set(wanted.target, scanner)) return false;
  }
  return asked || named == wanted_.end() || Set(named->target, scanner);
}

// The last of several equal keys counts. Under the name that a conflict gives the first value does,
// and as in Loki a second one ends the line.
bool LogfmtExtractor::Set(ParsedLabels::Key* key, const LogfmtScanner& scanner) {
  ParsedLabels::Target* target = labels_.Place(key);
  if (labels_.Conflicts(key) && !IsAbsent(labels_.ValueOf(target))) return false;
  Arena* const arena = labels_.batch()->arena();
  std::string_view value = scanner.value();
  if (scanner.escaped()) {
    char* const out = arena->Allocate(value.size() + 1);
    value = std::string_view(out, UnescapeLogfmt(value, out));
  }
  if (HasBadRunes(value)) value = PresentEmpty();
  labels_.Set(target, value);
  return true;
}

}  // namespace skald::query
