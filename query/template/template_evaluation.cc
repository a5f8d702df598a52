// TemplateExecutor: pipelines, commands, fields and variables.
#include "query/template/template_executor.h"
#include "query/template/value_methods.h"

namespace skald::query {
namespace {

template <typename T>
const T& As(const Node& node) {
  return static_cast<const T&>(node);
}

}  // namespace

StatusOr<Value> TemplateExecutor::EvaluatePipe(const Value& dot, const PipeNode& pipe) {
  node_ = &pipe;
  Value value;
  for (size_t i = 0; i < pipe.commands.size(); ++i) {
    const Value before = value;
    ASSIGN_OR_RETURN(value, EvaluateCommand(dot, *pipe.commands[i], i == 0 ? nullptr : &before));
    if (value.boxed()) value = value.Unboxed();
  }
  for (const auto& variable : pipe.variables) {
    if (pipe.assigns) {
      RETURN_IF_ERROR(SetVariable(variable->names[0], value));
    } else {
      scratch_->variables.push_back({variable->names[0], value});
    }
  }
  return value;
}

StatusOr<Value> TemplateExecutor::EvaluateCommand(const Value& dot, const CommandNode& command,
                                                  const Value* piped) {
  RETURN_IF_ERROR(SpendWork(64));
  const Node& first = *command.operands[0];
  const Operands arguments = Operands(command.operands).subspan(1);
  switch (first.kind) {
    case NodeKind::kField:
      node_ = &first;
      return EvaluateFields(dot, first, dot, As<FieldNode>(first).names, arguments, piped);
    case NodeKind::kVariable:
      return EvaluateVariable(dot, As<VariableNode>(first), arguments, piped);
    case NodeKind::kChain:
      return EvaluateChain(dot, As<ChainNode>(first), arguments, piped);
    case NodeKind::kFunction:
      return EvaluateFunction(dot, As<FunctionNode>(first), command, arguments, piped);
    default:
      break;
  }
  if (first.kind != NodeKind::kPipe) node_ = &first;
  if (!arguments.empty() || piped != nullptr) {
    return Error(StrCat("can't give argument to non-function ", NodeText(first)));
  }
  if (first.kind == NodeKind::kNil) return Error("nil is not a command");
  return EvaluateOperand(dot, first);
}

StatusOr<Value> TemplateExecutor::EvaluateOperand(const Value& dot, const Node& node) {
  switch (node.kind) {
    case NodeKind::kPipe:
      return EvaluatePipe(dot, As<PipeNode>(node));
    case NodeKind::kBool:
      return Value::Bool(As<BoolNode>(node).value);
    case NodeKind::kString:
      return Value::String(As<StringNode>(node).text);
    case NodeKind::kNumber:
      return Constant(As<NumberNode>(node));
    case NodeKind::kField:
      node_ = &node;
      return EvaluateFields(dot, node, dot, As<FieldNode>(node).names, {}, nullptr);
    case NodeKind::kVariable:
      return EvaluateVariable(dot, As<VariableNode>(node), {}, nullptr);
    case NodeKind::kChain:
      return EvaluateChain(dot, As<ChainNode>(node), {}, nullptr);
    case NodeKind::kFunction:
      return EvaluateFunction(dot, As<FunctionNode>(node), node, {}, nullptr);
    default:
      return Loaded(dot);
  }
}

StatusOr<Value> TemplateExecutor::Constant(const NumberNode& node) {
  node_ = &node;
  if (node.prefers_float) return Value::Float(node.float_value);
  return Value::Int(node.int_value);
}

StatusOr<Value> TemplateExecutor::EvaluateFields(const Value& receiver, const Node& node,
                                                 const Value& dot,
                                                 std::span<const std::string> names,
                                                 Operands arguments, const Value* piped) {
  Value value = receiver;
  for (size_t i = 0; i + 1 < names.size(); ++i) {
    ASSIGN_OR_RETURN(value, EvaluateField(value, node, dot, names[i], {}, nullptr));
  }
  return EvaluateField(value, node, dot, names.back(), arguments, piped);
}

StatusOr<Value> TemplateExecutor::EvaluateField(const Value& receiver, const Node& node,
                                                const Value& dot, std::string_view name,
                                                Operands arguments, const Value* piped) {
  if (!receiver.valid()) return Value();
  if (receiver.is_nil()) return Error(StrCat("nil pointer evaluating interface {}.", name));
  if (const FunctionSpec* const method = FindMethod(receiver.kind(), name)) {
    return Call(dot, {*method, &receiver, node}, arguments, piped);
  }
  if (!receiver.is_map()) {
    return Error(StrCat("can't evaluate field ", name, " in type ", StaticTypeName(receiver)));
  }
  if (!arguments.empty() || piped != nullptr) {
    return Error(StrCat(name, " is not a method but has arguments"));
  }
  if (receiver.kind() == ValueKind::kLabels) return Value::String(context_.Label(name));
  const Value* const found = FindEntry(receiver.as_map(), name);
  return found == nullptr ? Value::Nil().Boxed() : *found;
}

StatusOr<Value> TemplateExecutor::EvaluateVariable(const Value& dot, const VariableNode& node,
                                                   Operands arguments, const Value* piped) {
  node_ = &node;
  const Value value = VariableValue(node.names[0]);
  if (node.names.size() > 1) {
    return EvaluateFields(value, node, dot, std::span(node.names).subspan(1), arguments, piped);
  }
  if (!arguments.empty() || piped != nullptr) {
    return Error(StrCat("can't give argument to non-function ", NodeText(node)));
  }
  return Loaded(value);
}

StatusOr<Value> TemplateExecutor::EvaluateChain(const Value& dot, const ChainNode& node,
                                                Operands arguments, const Value* piped) {
  node_ = &node;
  if (node.base->kind == NodeKind::kNil) {
    return Error(StrCat("indirection through explicit nil in ", NodeText(node)));
  }
  node_ = node.base.get();
  ASSIGN_OR_RETURN(const Value base, EvaluateOperand(dot, *node.base));
  return EvaluateFields(base, node, dot, node.names, arguments, piped);
}

StatusOr<Value> TemplateExecutor::EvaluateFunction(const Value& dot, const FunctionNode& node,
                                                   const Node& place, Operands arguments,
                                                   const Value* piped) {
  node_ = &node;
  return Call(dot, {*node.spec, nullptr, place}, arguments, piped);
}

}  // namespace skald::query
