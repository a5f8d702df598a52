// `| regexp "…"`: the named groups of a regex become labels (logql.md 5.6).
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "query/stage/parsed_labels.h"
#include "query/stage/pipeline.h"
#include "re2/re2.h"

namespace skald::query {

// Threads: externally synchronised.
class RegexpParser : public Operator {
 public:
  // InvalidArgument with the cause of the stage error.
  static StatusOr<std::unique_ptr<RegexpParser>> Create(std::string_view pattern,
                                                        ParserHints hints);

  Status Apply(Batch* batch) override;

 private:
  explicit RegexpParser(ParserHints hints) : labels_(std::move(hints)) {}
  void Parse(std::string_view line);

  struct Group {
    size_t index;
    ParsedLabels::Key* key;
  };

  std::shared_ptr<const RE2> regex_;
  ParsedLabels labels_;
  std::vector<Group> groups_;                 // in the order of the regex
  std::vector<re2::StringPiece> submatches_;  // scratch
};

}  // namespace skald::query
