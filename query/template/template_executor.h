// Runs one parsed template on one row.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "query/template/template_ast.h"
#include "query/template/template_context.h"
#include "query/template/template_functions.h"
#include "query/template/template_scratch.h"
#include "query/template/template_value.h"
#include "storage/base/status.h"

namespace skald::query {

// The most that one execution may append to its output: one MiB and twice the line.
size_t MaxTemplateOutput(const TemplateContext& context);

// A tree walker. Where a value of the template meets Go's reflection (nil interfaces, missing map
// keys, assignability of arguments), it follows text/template, messages included. Work, depth and
// the size of the output are bounded; whatever exceeds a bound is an error.
//
// Threads: used by one thread, for one execution.
class TemplateExecutor {
 public:
  // Appends to `out`. Everything outlives this; `scratch` was not touched since its last execution.
  TemplateExecutor(const TemplateTrees& trees, const TemplateContext& context,
                   TemplateScratch* scratch, std::string* out);

  Status Run();

 private:
  enum class Flow { kNext, kBreak, kContinue };
  using Operands = std::span<const NodePtr>;

  // --- Errors and bounds (template_executor.cc) ---
  // An error at the node under way.
  Status Error(std::string_view message) const;
  Status SpendWork(size_t bytes);
  Status CheckOutput() const;

  // --- Control structures ---
  Status Walk(const Value& dot, const Node& node);
  Status WalkList(const Value& dot, const ListNode& list);
  Status WalkAction(const Value& dot, const ActionNode& node);
  Status WalkBranch(const Value& dot, const BranchNode& node);
  Status WalkRange(const Value& dot, const BranchNode& node);
  Status WalkRangeOver(const Value& range, const BranchNode& node, bool* ran);
  Status WalkIteration(const Value& index, const Value& element, const BranchNode& node);
  Status WalkTemplate(const Value& dot, const TemplateNode& node);

  // --- Variables ---
  Status SetVariable(std::string_view name, const Value& value);
  const Value& VariableValue(std::string_view name) const;

  // --- Expressions (template_evaluation.cc) ---
  StatusOr<Value> EvaluatePipe(const Value& dot, const PipeNode& pipe);
  // `piped` is the value of the command before, or null in the first.
  StatusOr<Value> EvaluateCommand(const Value& dot, const CommandNode& command, const Value* piped);
  StatusOr<Value> EvaluateFields(const Value& receiver, const Node& node, const Value& dot,
                                 std::span<const std::string> names, Operands arguments,
                                 const Value* piped);
  StatusOr<Value> EvaluateField(const Value& receiver, const Node& node, const Value& dot,
                                std::string_view name, Operands arguments, const Value* piped);
  StatusOr<Value> EvaluateVariable(const Value& dot, const VariableNode& node, Operands arguments,
                                   const Value* piped);
  StatusOr<Value> EvaluateChain(const Value& dot, const ChainNode& node, Operands arguments,
                                const Value* piped);
  // `place` is the node that errors of the function itself name.
  StatusOr<Value> EvaluateFunction(const Value& dot, const FunctionNode& node, const Node& place,
                                   Operands arguments, const Value* piped);
  StatusOr<Value> EvaluateOperand(const Value& dot, const Node& node);
  StatusOr<Value> Constant(const NumberNode& node);

  // --- Calls (template_call.cc) ---
  struct Callee {
    const FunctionSpec& spec;
    const Value* receiver;  // of a method
    const Node& place;
  };
  StatusOr<Value> Call(const Value& dot, const Callee& callee, Operands arguments,
                       const Value* piped);
  Status CheckArgumentCount(const FunctionSpec& spec, size_t written, size_t given) const;
  StatusOr<Value> CallLogic(const Value& dot, const FunctionSpec& spec, Operands arguments,
                            const Value* piped);
  StatusOr<Value> Invoke(const Callee& callee, std::span<const Value> args);
  Status CallOfNoFunction(const Value& callee, Operands arguments) const;
  StatusOr<Value> EvaluateArgument(const Value& dot, char type, const Node& node);
  StatusOr<Value> LiteralArgument(char type, const Node& node);
  StatusOr<Value> Convert(const Value& value, char type) const;

  // The value itself, with the labels fetched when it is the root.
  Value Loaded(const Value& value);

  const TemplateTrees& trees_;
  const TemplateContext& context_;
  TemplateScratch* const scratch_;
  std::string* const out_;
  const size_t out_limit_;  // the size that `out_` may reach

  const Node* node_ = nullptr;  // under way, for messages
  std::string_view template_name_;
  size_t frame_ = 0;  // where the variables of the template under way begin
  int depth_ = 0;
  Flow flow_ = Flow::kNext;
  Value labels_;  // the root once loaded
};

}  // namespace skald::query
