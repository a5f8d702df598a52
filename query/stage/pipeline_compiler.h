// Turns the stages of a log expression into a Pipeline.
//
// Stages that nobody can see the effect of are left out, line filters move left as far as the line
// stays the same, and parsers are told what the rest of the query needs (logql.md 5.2, 5.10).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "query/stage/label_use.h"
#include "query/stage/parsed_labels.h"
#include "query/stage/pipeline.h"

namespace skald::query {

// Used once. `log` and `options` must outlive the compiled pipeline.
class PipelineCompiler {
 public:
  PipelineCompiler(const LogExpr& log, const PipelineOptions& options);

  // InvalidArgument "parse error : stage '…' : …" for the first stage that does not compile.
  StatusOr<std::unique_ptr<Pipeline>> Compile();

 private:
  // Removes the stages without visible effect from stages_.
  void RemoveUnusedLineChanges();
  // Fails for a parser that does not compile.
  Status RemoveUnneededParsers();
  // Finds the stages that do not matter to which rows come through, and the labels that the others
  // read.
  void FindIdleStages();
  bool IsIdle(const Stage* stage) const;
  void HoistLineFilters();
  // The hints for the parser at stages_[index].
  ParserHints HintsFor(size_t index) const;
  ParserHints ExtractionHints() const;
  // Finds the parser whose fields storage may know, and sets fields_parser_ and Pipeline::fields().
  void FindFieldsParser();
  void AddEarlyTest(const LabelCondition& condition, ParserHints* hints) const;

  Status AddStages();
  Status AddUnwrap();
  // The line filters that Loki holds as one stage with this one, as text.
  std::string LineFilterRun(const Stage& filter) const;
  StatusOr<std::unique_ptr<Operator>> MakeOperator(size_t index) const;
  void Add(std::unique_ptr<Operator> step) { pipeline_->operators_.push_back(std::move(step)); }
  void Summarise();

  const LogExpr& log_;
  const PipelineOptions& options_;
  std::vector<const Stage*> stages_;
  std::vector<const Stage*> idle_;  // of these; they need only compile
  std::optional<std::vector<std::string>> needed_;
  const Stage* fields_parser_ = nullptr;
  std::unique_ptr<Pipeline> pipeline_;
};

}  // namespace skald::query
