// `| logfmt`: every pair of a logfmt line becomes a label (logql.md 5.5).
#pragma once

#include <string_view>

#include "query/stage/logfmt_scan.h"
#include "query/stage/parsed_labels.h"
#include "query/stage/pipeline.h"

namespace skald::query {

struct LogfmtFlags {
  bool strict = false;      // a malformed pair ends the line, with an error
  bool keep_empty = false;  // keys without value become empty labels
};

// Threads: externally synchronised.
class LogfmtParser : public Operator {
 public:
  LogfmtParser(LogfmtFlags flags, ParserHints hints) : flags_(flags), labels_(std::move(hints)) {}

  Status Apply(Batch* batch) override;

 private:
  void Parse(std::string_view line);

  LogfmtFlags flags_;
  ParsedLabels labels_;
};

// The present pair's value as a label. The result lives in the line or the arena.
std::string_view LogfmtLabelValue(const LogfmtScanner& scanner, Arena* arena);

}  // namespace skald::query
