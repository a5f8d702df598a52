#include "query/stage/pipeline_compiler.h"

#include <algorithm>
#include <utility>

#include "query/stage/decolorize.h"
#include "query/stage/drop.h"
#include "query/stage/json.h"
#include "query/stage/json_extract.h"
#include "query/stage/keep.h"
#include "query/stage/label_filter.h"
#include "query/stage/label_format.h"
#include "query/stage/label_name.h"
#include "query/stage/line_filter.h"
#include "query/stage/line_format.h"
#include "query/stage/logfmt.h"
#include "query/stage/logfmt_extract.h"
#include "query/stage/metadata_condition.h"
#include "query/stage/pattern.h"
#include "query/stage/regexp.h"
#include "query/stage/unpack.h"
#include "query/stage/unwrap.h"
#include "query/syntax/printer.h"

namespace skald::query {
namespace {

Status StageError(std::string_view stage, const Status& cause) {
  return InvalidArgument(StrCat("parse error : stage '", stage, "' : ", Message(cause)));
}

// True if Loki moves no line filter over this stage.
bool StopsLineFilters(const Stage& stage) {
  return std::holds_alternative<LabelFilterStage>(stage) ||
         std::holds_alternative<LineFormatStage>(stage) ||
         std::holds_alternative<UnpackStage>(stage);
}

// Any StatusOr of an operator as one of the base class.
template <typename T>
StatusOr<std::unique_ptr<Operator>> AsOperator(StatusOr<std::unique_ptr<T>> step) {
  if (!step.ok()) return step.status();
  return std::unique_ptr<Operator>(*std::move(step));
}

bool ReadsLines(const Stage& stage) {
  return IsParser(stage) || ChangesLines(stage) || std::holds_alternative<LineFilterStage>(stage) ||
         TemplateReadsLine(stage);
}

// The syntax of the fields that a parser finds, if it is one that makes labels of plain fields.
std::optional<FieldSyntax> SyntaxOf(const Stage& stage) {
  if (const auto* json = std::get_if<JsonStage>(&stage)) {
    return json->extractions.empty() ? std::optional(FieldSyntax::kJson) : std::nullopt;
  }
  const auto* logfmt = std::get_if<LogfmtStage>(&stage);
  const bool plain =
      logfmt != nullptr && logfmt->extractions.empty() && !logfmt->strict && !logfmt->keep_empty;
  return plain ? std::optional(FieldSyntax::kLogfmt) : std::nullopt;
}

// True if the label can come from elsewhere than the field of its name: the order of fields in the
// line, or a mistake in it, then counts.
bool DependsOnMoreThanFields(std::string_view label) {
  return label == kErrorLabel || label == kErrorDetailsLabel || label.ends_with(kExtractedSuffix);
}

bool ExtractsLogfmt(const Stage* stage) {
  const auto* logfmt = std::get_if<LogfmtStage>(stage);
  return logfmt != nullptr && !logfmt->extractions.empty();
}

// True if all that a stage does is to drop errors.
bool OnlyDropsErrors(const Stage& stage) {
  const auto* drop = std::get_if<DropStage>(&stage);
  return drop != nullptr &&
         std::all_of(drop->labels.begin(), drop->labels.end(), [](const NamedLabel& label) {
           return label.name == kErrorLabel || label.name == kErrorDetailsLabel;
         });
}

}  // namespace

PipelineCompiler::PipelineCompiler(const LogExpr& log, const PipelineOptions& options)
    : log_(log), options_(options), pipeline_(new Pipeline()) {
  for (const Stage& stage : log.stages) stages_.push_back(&stage);
  pipeline_->metadata_required_ = MetadataRequiredBy(log.stages);
  pipeline_->field_conditions_ = FieldsRequiredBy(log.stages);
}

StatusOr<std::unique_ptr<Pipeline>> PipelineCompiler::Compile() {
  if (options_.metric && !options_.counts_bytes) RemoveUnusedLineChanges();
  if (options_.metric && options_.grouping_labels) {
    needed_ = NeededLabels(stages_, options_);
    if (needed_ && needed_->empty()) RETURN_IF_ERROR(RemoveUnneededParsers());
  }
  if (options_.selects_rows) FindIdleStages();
  HoistLineFilters();
  FindFieldsParser();
  RETURN_IF_ERROR(AddStages());
  std::erase_if(stages_, [this](const Stage* stage) { return IsIdle(stage); });
  RETURN_IF_ERROR(AddUnwrap());
  Summarise();
  return std::move(pipeline_);
}

// In a metric query a changed line matters only to the stages that read it.
void PipelineCompiler::RemoveUnusedLineChanges() {
  bool read_later = false;
  for (size_t i = stages_.size(); i-- > 0;) {
    const Stage& stage = *stages_[i];
    const bool only_changes_line = std::holds_alternative<LineFormatStage>(stage) ||
                                   std::holds_alternative<DecolorizeStage>(stage);
    if (only_changes_line && !read_later) {
      stages_.erase(stages_.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      read_later = read_later || ReadsLines(stage);
    }
  }
}

Status PipelineCompiler::RemoveUnneededParsers() {
  for (size_t i = 0; i < stages_.size(); ++i) {
    if (!IsParser(*stages_[i])) continue;
    const Status status = MakeOperator(i).status();
    if (!status.ok()) return StageError(Print(*stages_[i]), status);
  }
  std::erase_if(stages_, [](const Stage* stage) { return IsParser(*stage); });
  return absl::OkStatus();
}

// Filters drop rows, and parsers do that set a label which a filter asks for. What a stage has
// done matters to those that follow; an error too, which numeric conditions let pass.
void PipelineCompiler::FindIdleStages() {
  const auto filters_labels = [](const Stage* stage) {
    return std::holds_alternative<LabelFilterStage>(*stage);
  };
  const bool parsers_drop = std::any_of(stages_.begin(), stages_.end(), filters_labels);
  const auto last = std::find_if(stages_.rbegin(), stages_.rend(), [&](const Stage* stage) {
    return filters_labels(stage) || std::holds_alternative<LineFilterStage>(*stage) ||
           (parsers_drop && IsParser(*stage));
  });
  idle_.assign(last.base(), stages_.end());
  const std::span<const Stage* const> used(stages_.begin(), last.base());
  // These look at labels that are none of theirs.
  if (std::any_of(used.begin(), used.end(), ExtractsLogfmt)) return;
  needed_ = NeededLabels(used, options_);
  if (!needed_ || !needed_->empty()) return;
  for (const Stage* stage : used) {
    if (IsParser(*stage) && !ChangesLines(*stage)) idle_.push_back(stage);
  }
}

bool PipelineCompiler::IsIdle(const Stage* stage) const {
  return std::find(idle_.begin(), idle_.end(), stage) != idle_.end();
}

void PipelineCompiler::HoistLineFilters() {
  auto start = stages_.begin();
  while (start != stages_.end()) {
    const auto end =
        std::find_if(start, stages_.end(), [](const Stage* stage) { return ChangesLines(*stage); });
    std::stable_partition(start, end, [](const Stage* stage) {
      return std::holds_alternative<LineFilterStage>(*stage);
    });
    if (end == stages_.end()) break;
    start = end + 1;
  }
}

void PipelineCompiler::FindFieldsParser() {
  const auto first = std::find_if(stages_.begin(), stages_.end(), [](const Stage* stage) {
    return IsParser(*stage) || ChangesLines(*stage);
  });
  // A mistake in a line, of which fields say nothing, matters to which rows come through.
  if (!needed_ || options_.selects_rows || first == stages_.end()) return;
  const std::optional<FieldSyntax> syntax = SyntaxOf(**first);
  if (!syntax || std::any_of(needed_->begin(), needed_->end(), DependsOnMoreThanFields)) return;
  fields_parser_ = *first;
  pipeline_->fields_ = FieldRequest{*syntax, *needed_};
}

ParserHints PipelineCompiler::HintsFor(size_t index) const {
  ParserHints hints;
  hints.needed = needed_;
  hints.whole_lines = options_.selects_rows;
  hints.takes_fields = stages_[index] == fields_parser_;
  hints.preserve_errors = pipeline_->preserves_errors_;
  // A condition counts as long as no stage on the way to it may change its label. One that stands
  // before the parser does, too: Loki asks all of them about every label that a parser sets.
  std::vector<const Stage*> between;
  const auto add = [&](const LabelCondition& condition) {
    std::vector<std::string> names;
    CollectConditionNames(condition, &names);
    if (names.size() != 1) return;
    const bool changed = std::any_of(between.begin(), between.end(), [&](const Stage* stage) {
      return MayChangeLabel(*stage, names[0]);
    });
    if (!changed) AddEarlyTest(condition, &hints);
  };
  for (size_t i = 0; i < stages_.size(); ++i) {
    if (const auto* filter = std::get_if<LabelFilterStage>(stages_[i])) add(filter->condition);
    if (i > index) between.push_back(stages_[i]);
  }
  if (options_.unwrap != nullptr) {
    for (const LabelCondition& filter : options_.unwrap->filters) add(filter);
  }
  return hints;
}

// Extractions set what they name, but leave a line alone that has every label needed.
ParserHints PipelineCompiler::ExtractionHints() const {
  ParserHints hints;
  hints.needed = needed_;
  hints.whole_lines = options_.selects_rows;
  hints.preserve_errors = pipeline_->preserves_errors_;
  return hints;
}

void PipelineCompiler::AddEarlyTest(const LabelCondition& condition, ParserHints* hints) const {
  const StatusOr<std::unique_ptr<LabelFilter>> filter = LabelFilter::Create(condition);
  // A condition that does not compile is reported by its own stage.
  if (!filter.ok() || (*filter)->single() == nullptr) return;
  const LabelTest& test = *(*filter)->single();
  if (test.passes_errors()) return;
  hints->early_tests.push_back({test.name(), std::make_shared<const LabelTest>(test)});
}

Status PipelineCompiler::AddStages() {
  pipeline_->preserves_errors_ = options_.metric && needed_ &&
                                 std::binary_search(needed_->begin(), needed_->end(), kErrorLabel);
  bool line_changed = false;
  for (size_t i = 0; i < stages_.size(); ++i) {
    const Stage& stage = *stages_[i];
    if (const auto* filter = std::get_if<LineFilterStage>(&stage)) {
      StatusOr<LineCondition> condition = CompileLineFilter(*filter);
      if (!condition.ok()) return StageError(LineFilterRun(stage), condition.status());
      if (condition->matcher == nullptr) continue;
      if (line_changed) {
        Add(std::make_unique<LineFilter>(*std::move(condition)));
      } else {
        pipeline_->line_conditions_.push_back(*std::move(condition));
      }
      continue;
    }
    StatusOr<std::unique_ptr<Operator>> step = MakeOperator(i);
    if (!step.ok()) return StageError(Print(stage), step.status());
    if (!IsIdle(&stage)) Add(*std::move(step));
    line_changed = line_changed || ChangesLines(stage);
  }
  return absl::OkStatus();
}

std::string PipelineCompiler::LineFilterRun(const Stage& filter) const {
  std::string run;
  bool found = false;
  for (const Stage& stage : log_.stages) {
    if (StopsLineFilters(stage)) {
      if (found) break;
      run.clear();
    } else if (std::holds_alternative<LineFilterStage>(stage)) {
      StrAppend(&run, run.empty() ? "" : " ", Print(stage));
      found = found || &stage == &filter;
    }
  }
  return run;
}

StatusOr<std::unique_ptr<Operator>> PipelineCompiler::MakeOperator(size_t index) const {
  const Stage& stage = *stages_[index];
  if (const auto* filter = std::get_if<LabelFilterStage>(&stage)) {
    return AsOperator(LabelFilter::Create(filter->condition));
  }
  if (const auto* json = std::get_if<JsonStage>(&stage)) {
    if (json->extractions.empty()) return std::make_unique<JsonParser>(HintsFor(index));
    return AsOperator(JsonExtractor::Create(json->extractions, ExtractionHints()));
  }
  if (const auto* logfmt = std::get_if<LogfmtStage>(&stage)) {
    const LogfmtFlags flags{logfmt->strict, logfmt->keep_empty};
    if (logfmt->extractions.empty()) return std::make_unique<LogfmtParser>(flags, HintsFor(index));
    return AsOperator(LogfmtExtractor::Create(flags, logfmt->extractions, ExtractionHints()));
  }
  if (const auto* regexp = std::get_if<RegexpStage>(&stage)) {
    return AsOperator(RegexpParser::Create(regexp->pattern, HintsFor(index)));
  }
  if (const auto* pattern = std::get_if<PatternStage>(&stage)) {
    return AsOperator(PatternParser::Create(pattern->pattern, HintsFor(index)));
  }
  if (std::holds_alternative<UnpackStage>(stage)) {
    return std::make_unique<Unpacker>(HintsFor(index));
  }
  if (std::holds_alternative<DecolorizeStage>(stage)) return std::make_unique<Decolorizer>();
  if (const auto* line = std::get_if<LineFormatStage>(&stage)) {
    return AsOperator(LineFormatter::Create(line->format, options_.now_ns));
  }
  if (const auto* labels = std::get_if<LabelFormatStage>(&stage)) {
    return AsOperator(LabelFormatter::Create(*labels, options_.now_ns));
  }
  if (const auto* drop = std::get_if<DropStage>(&stage)) {
    return AsOperator(LabelDropper::Create(*drop));
  }
  return AsOperator(LabelKeeper::Create(std::get<KeepStage>(stage)));
}

Status PipelineCompiler::AddUnwrap() {
  if (options_.unwrap == nullptr) return absl::OkStatus();
  Add(std::make_unique<Unwrapper>(*options_.unwrap));
  for (const LabelCondition& condition : options_.unwrap->filters) {
    StatusOr<std::unique_ptr<LabelFilter>> filter = LabelFilter::Create(condition);
    if (!filter.ok()) return StageError(StrCat("| ", Print(condition)), filter.status());
    Add(*std::move(filter));
  }
  return absl::OkStatus();
}

void PipelineCompiler::Summarise() {
  Pipeline& pipeline = *pipeline_;
  bool reads_lines = !options_.metric && !options_.selects_rows;
  bool line_changed = false;
  for (const Stage* stage : stages_) {
    const bool is_condition = std::holds_alternative<LineFilterStage>(*stage) && !line_changed;
    const bool reads = !is_condition && ReadsLines(*stage);
    reads_lines = reads_lines || (reads && stage != fields_parser_);
    line_changed = line_changed || ChangesLines(*stage);
  }
  pipeline.only_drops_errors_ =
      options_.unwrap == nullptr && std::all_of(stages_.begin(), stages_.end(), [](const Stage* s) {
        return std::holds_alternative<LineFilterStage>(*s) || OnlyDropsErrors(*s);
      });
  pipeline.needs_only_fields_ = fields_parser_ != nullptr && !reads_lines;
  pipeline.needs_lines_ = reads_lines || fields_parser_ != nullptr;
  pipeline.changes_lines_ = line_changed;
  const bool shows_all = options_.errors_ungrouped && pipeline.preserves_errors_;
  if (needed_ && !shows_all) {
    pipeline.metadata_needed_ = *needed_;
    for (const std::string_view name : {kErrorLabel, kErrorDetailsLabel}) {
      pipeline.metadata_needed_->emplace_back(name);
    }
    std::sort(pipeline.metadata_needed_->begin(), pipeline.metadata_needed_->end());
  }
}

}  // namespace skald::query
