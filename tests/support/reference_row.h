// A log entry as the reference evaluator sees it: plain maps, one row at a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "query/syntax/ast.h"
#include "storage/base/status.h"
#include "tests/support/engine_harness.h"
#include "tests/support/reference_conditions.h"

namespace skald::test_support {

using ReferenceLabels = std::map<std::string, std::string>;

struct ReferenceRow {
  int64_t time = 0;
  std::string line;
  ReferenceLabels stream;
  ReferenceLabels metadata;
  ReferenceLabels parsed;  // with __error__ and __error_details__
  std::set<std::string> original_stream;
  std::set<std::string> extracted;  // what parsers have set, even if it was removed since
  double value = 0;                 // after unwrap
  std::vector<EarlyCondition> early_conditions;  // of the parser whose turn it is
  bool is_dropped = false;                       // by one of these

  explicit ReferenceRow(const PlainRow& row);

  std::optional<std::string> Get(const std::string& name) const;
  void Remove(const std::string& name);
  bool HasError() const { return parsed.contains("__error__"); }
  void SetError(const std::string& type, const std::string& details);
  // Every label that the row has.
  ReferenceLabels All() const;

  // The name under which a parser sets `name`.
  std::string NameFor(const std::string& name) const;
  // Sets a label as a parser that reads whole lines does: the first to set it wins.
  void SetFirst(const std::string& name, const std::string& text);
};

// Applies a stage; false if the row is dropped. Understands what the query generator writes:
// lines of well-formed JSON or logfmt without escapes, and templates of text and `{{.label}}`.
StatusOr<bool> ApplyStage(const query::Stage& stage, ReferenceRow* row);
bool ApplyCondition(const query::LabelCondition& condition, ReferenceRow* row);
// Takes the value of a label; false if the row has none.
bool ApplyUnwrap(const query::Unwrap& unwrap, ReferenceRow* row);

}  // namespace skald::test_support
