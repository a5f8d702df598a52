// `| logfmt dst="key", …`: named keys of a logfmt line become named labels (logql.md 5.5).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "query/stage/logfmt.h"
#include "query/syntax/ast.h"

namespace skald::query {

// Threads: externally synchronised.
class LogfmtExtractor : public Operator {
 public:
  // InvalidArgument with the cause of the stage error.
  static StatusOr<std::unique_ptr<LogfmtExtractor>> Create(
      LogfmtFlags flags, const std::vector<Extraction>& extractions, ParserHints hints);

  Status Apply(Batch* batch) override;

 private:
  explicit LogfmtExtractor(ParserHints hints) : labels_(std::move(hints)) {}
  void Parse(std::string_view line);
  // False: nothing behind this pair counts.
  bool SetPair(const LogfmtScanner& scanner);
  bool Set(ParsedLabels::Key* key, const LogfmtScanner& scanner);

  struct Wanted {
    std::string key;  // in sanitised form
    ParsedLabels::Key* target;
  };

  bool strict_ = false;
  ParsedLabels labels_;
  std::vector<Wanted> wanted_;
  std::string key_;  // scratch
};

}  // namespace skald::query
