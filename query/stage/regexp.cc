#include "query/stage/regexp.h"

#include <string>

#include "query/stage/label_name.h"
#include "query/syntax/regexp_syntax.h"
#include "storage/model/go_regex.h"

namespace skald::query {

StatusOr<std::unique_ptr<RegexpParser>> RegexpParser::Create(std::string_view pattern,
                                                             ParserHints hints) {
  RETURN_IF_ERROR(CheckRegexpPattern(pattern));
  std::unique_ptr<RegexpParser> parser(new RegexpParser(std::move(hints)));
  ASSIGN_OR_RETURN(parser->regex_, CompileGoRegex(pattern));
  for (const auto& [index, name] : parser->regex_->CapturingGroupNames()) {
    std::string label;
    AppendLabelName(name, &label);
    parser->groups_.push_back({static_cast<size_t>(index), parser->labels_.Named(label)});
  }
  parser->submatches_.resize(parser->groups_.back().index + 1);
  return parser;
}

Status RegexpParser::Apply(Batch* batch) {
  return labels_.ForEachRow(batch, [this](std::string_view line) { Parse(line); });
}

void RegexpParser::Parse(std::string_view line) {
  if (!regex_->Match(ToRe2(line), 0, line.size(), RE2::UNANCHORED, submatches_.data(),
                     static_cast<int>(submatches_.size()))) {
    return;
  }
  for (const Group& group : groups_) {
    ParsedLabels::Target* target = labels_.Wanted(group.key);
    if (target == nullptr) continue;
    const re2::StringPiece& match = submatches_[group.index];
    if (labels_.Set(target, {match.data(), match.size()}) == ParseNext::kDone) return;
  }
}

}  // namespace skald::query
