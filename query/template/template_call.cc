// TemplateExecutor: calls of functions and methods, and their arguments.
#include "query/template/template_executor.h"

namespace skald::query {
namespace {

template <typename T>
const T& As(const Node& node) {
  return static_cast<const T&>(node);
}

std::string_view ParameterTypeName(char type) {
  switch (type) {
    case 's':
      return "string";
    case 'i':
      return "int";
    case 'f':
      return "float64";
    case 't':
      return "time.Time";
    case 'd':
      return "time.Duration";
    default:
      return "interface {}";
  }
}

bool HasType(const Value& value, char type) {
  switch (type) {
    case 's':
      return value.kind() == ValueKind::kString;
    case 'i':
      return value.kind() == ValueKind::kInt;
    case 'f':
      return value.kind() == ValueKind::kFloat64;
    case 't':
      return value.kind() == ValueKind::kTime;
    default:
      return value.kind() == ValueKind::kDuration;
  }
}

bool TakesAnything(char type) { return type == 'a' || type == 'v'; }

// The regex that the parser compiled for a call, if any.
const std::shared_ptr<const RE2>& ConstantRegex(const Node& place) {
  static const std::shared_ptr<const RE2> none;
  return place.kind == NodeKind::kCommand ? As<CommandNode>(place).regex : none;
}

}  // namespace

StatusOr<Value> TemplateExecutor::Call(const Value& dot, const Callee& callee, Operands arguments,
                                       const Value* piped) {
  const FunctionSpec& spec = callee.spec;
  const size_t given = arguments.size() + (piped != nullptr ? 1 : 0);
  RETURN_IF_ERROR(CheckArgumentCount(spec, arguments.size(), given));
  if (spec.role == FunctionRole::kAnd || spec.role == FunctionRole::kOr) {
    return CallLogic(dot, spec, arguments, piped);
  }
  const size_t first = callee.receiver != nullptr ? 1 : 0;
  const std::span<Value> args = scratch_->arena.NewArray<Value>(first + given);
  if (first > 0) args[0] = *callee.receiver;
  for (size_t i = 0; i < arguments.size(); ++i) {
    ASSIGN_OR_RETURN(args[first + i], EvaluateArgument(dot, spec.parameter(i), *arguments[i]));
  }
  if (piped != nullptr) {
    ASSIGN_OR_RETURN(args[first + given - 1], Convert(*piped, spec.parameter(given - 1)));
  }
  if (spec.role == FunctionRole::kCall) {
    node_ = &callee.place;
    return CallOfNoFunction(args[0], arguments);
  }
  return Invoke(callee, args);
}

Status TemplateExecutor::CheckArgumentCount(const FunctionSpec& spec, size_t written,
                                            size_t given) const {
  const size_t fixed = spec.fixed();
  if (spec.variadic()) {
    if (given >= fixed) return absl::OkStatus();
    return Error(StrCat("wrong number of args for ", spec.name, ": want at least ", fixed, " got ",
                        written));
  }
  if (given == fixed) return absl::OkStatus();
  return Error(StrCat("wrong number of args for ", spec.name, ": want ", fixed, " got ", given));
}

StatusOr<Value> TemplateExecutor::Invoke(const Callee& callee, std::span<const Value> args) {
  size_t bytes = 0;
  for (const Value& arg : args) {
    if (arg.is_string()) bytes += arg.as_string().size();
  }
  RETURN_IF_ERROR(SpendWork(bytes));
  const FunctionCall call(args, context_, scratch_, ConstantRegex(callee.place));
  StatusOr<Value> result = callee.spec.body(call);
  if (result.ok()) {
    RETURN_IF_ERROR(SpendWork(0));
    return result;
  }
  node_ = &callee.place;
  return Error(StrCat("error calling ", callee.spec.name, ": ", Message(result.status())));
}

// and, or: the first argument that decides, or the last.
StatusOr<Value> TemplateExecutor::CallLogic(const Value& dot, const FunctionSpec& spec,
                                            Operands arguments, const Value* piped) {
  const bool deciding = spec.role == FunctionRole::kOr;
  Value value;
  for (const NodePtr& argument : arguments) {
    ASSIGN_OR_RETURN(value, EvaluateArgument(dot, 'v', *argument));
    if (IsTrue(value) == deciding) return value;
  }
  return piped != nullptr ? *piped : value;
}

// call: no value that a template can get hold of is a function.
Status TemplateExecutor::CallOfNoFunction(const Value& callee, Operands arguments) const {
  if (callee.is_nil()) return Error("error calling call: call of nil");
  std::string name;
  if (!arguments.empty()) {
    name = NodeText(*arguments[0]);
  } else if (callee.is_string()) {
    name = callee.as_string();
  } else {
    name = StrCat("<", TypeName(callee), " Value>");
  }
  return Error(StrCat("error calling call: non-function ", name, " of type ", TypeName(callee)));
}

StatusOr<Value> TemplateExecutor::EvaluateArgument(const Value& dot, char type, const Node& node) {
  node_ = &node;
  switch (node.kind) {
    case NodeKind::kNil:
      if (type == 'a') return Value::Nil();
      if (type == 'v') return Value();
      return Error(StrCat("cannot assign nil to ", ParameterTypeName(type)));
    case NodeKind::kBool:
    case NodeKind::kNumber:
    case NodeKind::kString:
      return LiteralArgument(type, node);
    default: {
      ASSIGN_OR_RETURN(const Value value, EvaluateOperand(dot, node));
      return Convert(value, type);
    }
  }
}

StatusOr<Value> TemplateExecutor::LiteralArgument(char type, const Node& node) {
  if (TakesAnything(type)) return EvaluateOperand({}, node);
  const auto* const number = node.kind == NodeKind::kNumber ? &As<NumberNode>(node) : nullptr;
  switch (type) {
    case 's':
      if (node.kind == NodeKind::kString) return Value::String(As<StringNode>(node).text);
      return Error(StrCat("expected string; found ", NodeText(node)));
    case 'i':
    case 'd':
      if (number != nullptr && number->is_int) {
        return type == 'i' ? Value::Int(number->int_value) : Value::Duration(number->int_value);
      }
      return Error(StrCat("expected integer; found ", NodeText(node)));
    case 'f':
      if (number != nullptr && number->is_float) return Value::Float(number->float_value);
      return Error(StrCat("expected float; found ", NodeText(node)));
    default:
      return Error(
          StrCat("can't handle ", NodeText(node), " for arg of type ", ParameterTypeName(type)));
  }
}

StatusOr<Value> TemplateExecutor::Convert(const Value& value, char type) const {
  if (type == 'v') return value;
  if (type == 'a') return value.valid() ? value : Value::Nil();
  if (HasType(value, type)) return value;
  if (!value.valid()) return Error(StrCat("invalid value; expected ", ParameterTypeName(type)));
  return Error(StrCat("wrong type for value; expected ", ParameterTypeName(type), "; got ",
                      TypeName(value)));
}

}  // namespace skald::query
