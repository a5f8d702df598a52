// A compiled log pipeline: what a query does to the rows of its streams between storage and result.
//
// Compilation splits a pipeline in two. Its leading line filters become conditions that storage
// runs over whole pages before rows exist; the rest become operators over batches. It also works
// out backwards what later steps need, so that storage reads only those columns and parsers extract
// only those labels (logql.md 5.10).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/batch/batch.h"
#include "query/stage/metadata_condition.h"
#include "query/syntax/ast.h"
#include "storage/model/line_fields.h"
#include "storage/model/line_matcher.h"
#include "storage/model/required_metadata.h"

namespace skald::query {

// How the pipeline's output will be used.
struct PipelineOptions {
  bool metric = false;
  // Log queries: what counts is which rows come through, not their labels and lines.
  bool selects_rows = false;
  // Metric queries: the output is a byte count (line_format must then run, logql.md 5.2).
  bool counts_bytes = false;
  // Metric queries whose grouping reaches the extractor (logql.md 5.10.2): the labels it reads.
  // Empty list: none at all. Absent: every label is needed.
  std::optional<std::vector<std::string>> grouping_labels;
  // The unwrap of a range aggregation, with its post-filters.
  const Unwrap* unwrap = nullptr;
  // Metric queries: rows in error that do not fail the query keep all labels, grouped or not.
  bool errors_ungrouped = false;
  // The time of the query, for `now` in templates.
  int64_t now_ns = 0;
};

// A leading line filter: keep the lines for which matcher->Matches(line) != negate.
struct LineCondition {
  std::unique_ptr<LineMatcher> matcher;
  bool negate = false;
};

// One step over batches. Threads: externally synchronised (it may keep scratch memory).
class Operator {
 public:
  virtual ~Operator() = default;
  // Counts its work with the batch, at the latest after every row, and ends with the error of
  // Batch::Check.
  virtual Status Apply(Batch* batch) = 0;
};

// Threads: externally synchronised; every worker compiles its own.
class Pipeline {
 public:
  // `log` (and options.unwrap) must outlive the pipeline. InvalidArgument carries Loki's stage
  // error: "parse error : stage '| line_format "{{"' : invalid line template: …".
  static StatusOr<std::unique_ptr<Pipeline>> Compile(const LogExpr& log,
                                                     const PipelineOptions& options);

  // Conditions for storage, in order. They come before every operator.
  std::span<const LineCondition> line_conditions() const { return line_conditions_; }
  // What structured metadata or stream labels a row must have to get through; a superset test.
  const RequiredMetadata& metadata_required() const { return metadata_required_; }
  // What a row must have, besides, of labels or in its line; a superset test too.
  std::span<const FieldCondition> field_conditions() const { return field_conditions_; }
  // True if any operator or the result reads line text after the conditions. The result of a log
  // query always does; bytes_over_time does only when an operator may change lines.
  bool needs_lines() const { return needs_lines_; }
  // The fields of lines that the first parser is to find, if it is one whose work storage may have
  // done: these go to the batch's `fields`. Null: there is none such.
  const FieldRequest* fields() const { return fields_.has_value() ? &*fields_ : nullptr; }
  // True if lines are needed for nothing else than fields().
  bool needs_only_fields() const { return needs_only_fields_; }
  // True if some operator may change line text.
  bool changes_lines() const { return changes_lines_; }
  // The structured-metadata columns that operators or the result read, sorted; absent: all of them.
  const std::optional<std::vector<std::string>>& metadata_needed() const {
    return metadata_needed_;
  }
  bool has_operators() const { return !operators_.empty(); }
  // True if the operators do nothing to rows with structured metadata of these names: there are
  // none, or all they do is drop errors, of which there are none.
  bool is_idle(std::span<const std::string_view> metadata_names) const;
  // Parsers mark rows in error with kPreserveErrorLabel: such rows do not fail the metric query
  // (logql.md 5.10.4).
  bool preserves_errors() const { return preserves_errors_; }

  // Runs every operator. Structured metadata must already be in the batch's columns, with
  // collisions renamed (AddMetadata, metadata_columns.h). kTooWide (batch.h): run the rows again,
  // from the start, in smaller batches. Other errors are those of Batch::Check.
  Status Run(Batch* batch);

 private:
  Pipeline() = default;
  friend class PipelineCompiler;
  std::vector<LineCondition> line_conditions_;
  std::vector<std::unique_ptr<Operator>> operators_;
  bool needs_lines_ = true;
  std::optional<FieldRequest> fields_;
  bool needs_only_fields_ = false;
  bool changes_lines_ = false;
  bool preserves_errors_ = false;
  bool only_drops_errors_ = false;
  std::optional<std::vector<std::string>> metadata_needed_;
  RequiredMetadata metadata_required_;
  std::vector<FieldCondition> field_conditions_;
};

}  // namespace skald::query
