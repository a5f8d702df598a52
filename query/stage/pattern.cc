#include "query/stage/pattern.h"

#include "query/syntax/pattern_syntax.h"

namespace skald::query {

StatusOr<std::unique_ptr<PatternParser>> PatternParser::Create(std::string_view pattern,
                                                               ParserHints hints) {
  ASSIGN_OR_RETURN(const std::vector<PatternPiece> pieces, ParsePattern(pattern));
  std::unique_ptr<PatternParser> parser(new PatternParser(std::move(hints)));
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (!pieces[i].is_capture) {
      if (i == 0) parser->prefix_ = pieces[i].text;
      continue;
    }
    ParsedLabels::Key* key = pieces[i].is_named() ? parser->labels_.Named(pieces[i].text) : nullptr;
    const std::string_view literal =
        i + 1 < pieces.size() ? std::string_view(pieces[i + 1].text) : std::string_view();
    parser->captures_.push_back({key, SubstringSearcher(literal)});
  }
  return parser;
}

Status PatternParser::Apply(Batch* batch) {
  return labels_.ForEachRow(batch, [this](std::string_view line) { Parse(line); });
}

// A capture whose literal does not follow takes the rest of the line.
void PatternParser::Parse(std::string_view line) {
  if (line.empty() || !line.starts_with(prefix_)) return;
  size_t pos = prefix_.size();
  for (const Capture& capture : captures_) {
    const std::string& literal = capture.literal.needle();
    size_t end = literal.empty() ? line.size() : capture.literal.Find(line, pos);
    const bool last = end == std::string_view::npos;
    if (last) end = line.size();
    if (capture.key != nullptr) {
      ParsedLabels::Target* target = labels_.Wanted(capture.key);
      if (target != nullptr &&
          labels_.Set(target, line.substr(pos, end - pos)) == ParseNext::kDone) {
        return;
      }
    }
    if (last) return;
    pos = end + literal.size();
  }
}

}  // namespace skald::query
