// `| pattern "<ip> - <_> [<time>]"`: text between literals becomes labels (logql.md 5.7).
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "query/stage/parsed_labels.h"
#include "query/stage/pipeline.h"
#include "storage/base/substring_search.h"

namespace skald::query {

// Threads: externally synchronised.
class PatternParser : public Operator {
 public:
  // InvalidArgument with the cause of the stage error.
  static StatusOr<std::unique_ptr<PatternParser>> Create(std::string_view pattern,
                                                         ParserHints hints);

  Status Apply(Batch* batch) override;

 private:
  explicit PatternParser(ParserHints hints) : labels_(std::move(hints)) {}
  void Parse(std::string_view line);

  // A capture and the literal behind it, empty at the end of the pattern.
  struct Capture {
    ParsedLabels::Key* key;  // null: anonymous
    SubstringSearcher literal;
  };

  ParsedLabels labels_;
  std::string prefix_;
  std::vector<Capture> captures_;
};

}  // namespace skald::query
