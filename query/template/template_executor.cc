#include "query/template/template_executor.h"

#include <algorithm>

#include "query/template/go_format.h"
#include "storage/base/go_quote.h"

namespace skald::query {
namespace {

// Bytes handled by functions, plus a fixed price for each node.
constexpr int64_t kMaxWork = int64_t{64} << 20;
constexpr size_t kNodePrice = 512;
// Templates within templates, and their structures within each other.
constexpr int kMaxDepth = 400;

template <typename T>
const T& As(const Node& node) {
  return static_cast<const T&>(node);
}

std::string Printed(const Value& value) {
  std::string text;
  AppendValue(&text, value);
  return text;
}

// `line:1:2`: line and byte column of a node.
std::string Location(const TemplateTrees& trees, const Node& node) {
  const std::string_view before = std::string_view(trees.text).substr(0, node.position);
  const size_t newline = before.rfind('\n');
  const size_t column =
      newline == std::string_view::npos ? before.size() : before.size() - newline - 1;
  const auto lines = std::count(before.begin(), before.end(), '\n');
  return StrCat(trees.name, ":", lines + 1, ":", column);
}

}  // namespace

size_t MaxTemplateOutput(const TemplateContext& context) {
  return (size_t{1} << 20) + 2 * context.line().size();
}

TemplateExecutor::TemplateExecutor(const TemplateTrees& trees, const TemplateContext& context,
                                   TemplateScratch* scratch, std::string* out)
    : trees_(trees),
      context_(context),
      scratch_(scratch),
      out_(out),
      out_limit_(out->size() + MaxTemplateOutput(context)),
      template_name_(trees.name) {
  scratch_->arena.Reset();
  scratch_->variables.clear();
  scratch_->work_left = kMaxWork;
}

Status TemplateExecutor::Run() {
  const Value root = Value::Labels({});
  scratch_->variables.push_back({"$", root});
  return Walk(root, *trees_.Find(trees_.name));
}

Status TemplateExecutor::Error(std::string_view message) const {
  return InvalidArgument(StrCat("template: ", Location(trees_, *node_), ": executing ",
                                GoQuote(template_name_), " at <", NodeText(*node_),
                                ">: ", message));
}

Status TemplateExecutor::SpendWork(size_t bytes) {
  scratch_->work_left -= static_cast<int64_t>(bytes);
  scratch_->work += bytes;
  if (scratch_->work_left >= 0) return absl::OkStatus();
  return Error("exceeded the limit on work for one line");
}

Status TemplateExecutor::CheckOutput() const {
  if (out_->size() <= out_limit_) return absl::OkStatus();
  return Error("exceeded the limit on output for one line");
}

Value TemplateExecutor::Loaded(const Value& value) {
  if (value.kind() != ValueKind::kLabels) return value;
  if (labels_.valid()) return labels_;
  const std::span<const LabelView> labels = context_.AllLabels(&scratch_->arena);
  const auto entries = scratch_->arena.NewArray<MapEntry>(labels.size());
  for (size_t i = 0; i < labels.size(); ++i) {
    new (&entries[i]) MapEntry{labels[i].name, Value::String(labels[i].value)};
  }
  labels_ = Value::Labels(entries);
  return labels_;
}

Status TemplateExecutor::Walk(const Value& dot, const Node& node) {
  node_ = &node;
  RETURN_IF_ERROR(SpendWork(kNodePrice));
  switch (node.kind) {
    case NodeKind::kList:
      return WalkList(dot, As<ListNode>(node));
    case NodeKind::kText:
      out_->append(As<TextNode>(node).text);
      return CheckOutput();
    case NodeKind::kAction:
      return WalkAction(dot, As<ActionNode>(node));
    case NodeKind::kIf:
    case NodeKind::kWith:
      return WalkBranch(dot, As<BranchNode>(node));
    case NodeKind::kRange:
      return WalkRange(dot, As<BranchNode>(node));
    case NodeKind::kTemplate:
      return WalkTemplate(dot, As<TemplateNode>(node));
    case NodeKind::kBreak:
      flow_ = Flow::kBreak;
      return absl::OkStatus();
    default:
      flow_ = Flow::kContinue;
      return absl::OkStatus();
  }
}

Status TemplateExecutor::WalkList(const Value& dot, const ListNode& list) {
  if (++depth_ > kMaxDepth) {
    return Error(StrCat("exceeded maximum template depth (", kMaxDepth, ")"));
  }
  for (const NodePtr& node : list.nodes) {
    RETURN_IF_ERROR(Walk(dot, *node));
    if (flow_ != Flow::kNext) break;
  }
  --depth_;
  return absl::OkStatus();
}

Status TemplateExecutor::WalkAction(const Value& dot, const ActionNode& node) {
  ASSIGN_OR_RETURN(const Value value, EvaluatePipe(dot, *node.pipe));
  if (!node.pipe->variables.empty()) return absl::OkStatus();
  node_ = &node;
  if (value.valid()) {
    AppendValue(out_, value);
  } else {
    out_->append("<no value>");
  }
  return CheckOutput();
}

Status TemplateExecutor::WalkBranch(const Value& dot, const BranchNode& node) {
  const size_t variables = scratch_->variables.size();
  ASSIGN_OR_RETURN(const Value value, EvaluatePipe(dot, *node.pipe));
  if (IsTrue(value)) {
    RETURN_IF_ERROR(Walk(node.kind == NodeKind::kWith ? value : dot, *node.list));
  } else if (node.else_list != nullptr) {
    RETURN_IF_ERROR(Walk(dot, *node.else_list));
  }
  scratch_->variables.resize(variables);
  return absl::OkStatus();
}

Status TemplateExecutor::WalkRange(const Value& dot, const BranchNode& node) {
  const size_t variables = scratch_->variables.size();
  ASSIGN_OR_RETURN(const Value range, EvaluatePipe(dot, *node.pipe));
  bool ran = false;
  RETURN_IF_ERROR(WalkRangeOver(range, node, &ran));
  // A break ends the loop, and nothing around it.
  flow_ = Flow::kNext;
  if (!ran && node.else_list != nullptr) RETURN_IF_ERROR(Walk(dot, *node.else_list));
  scratch_->variables.resize(variables);
  return absl::OkStatus();
}

Status TemplateExecutor::WalkRangeOver(const Value& range, const BranchNode& node, bool* ran) {
  const auto iterate = [&](const Value& index, const Value& element) {
    *ran = true;
    return WalkIteration(index, element, node);
  };
  if (range.is_nil()) return absl::OkStatus();
  if (range.kind() == ValueKind::kList) {
    const std::span<const Value> items = range.as_list();
    for (size_t i = 0; i < items.size() && flow_ != Flow::kBreak; ++i) {
      RETURN_IF_ERROR(iterate(Value::Int(static_cast<int64_t>(i)), items[i]));
    }
    return absl::OkStatus();
  }
  if (range.is_map()) {
    for (const MapEntry& entry : range.as_map()) {
      if (flow_ == Flow::kBreak) break;
      RETURN_IF_ERROR(iterate(Value::String(entry.key), entry.value));
    }
    return absl::OkStatus();
  }
  if (!range.is_signed_integer() && range.kind() != ValueKind::kUint8) {
    return Error(StrCat("range can't iterate over ", Printed(range)));
  }
  if (node.pipe->variables.size() > 1) {
    return Error(StrCat("can't use ", Printed(range), " to iterate over more than one variable"));
  }
  for (int64_t i = 0; i < range.as_int() && flow_ != Flow::kBreak; ++i) {
    RETURN_IF_ERROR(iterate(Value(), range.WithInteger(i)));
  }
  return absl::OkStatus();
}

Status TemplateExecutor::WalkIteration(const Value& index, const Value& element,
                                       const BranchNode& node) {
  const size_t variables = scratch_->variables.size();
  const auto& declared = node.pipe->variables;
  // With one variable it takes the element, with two the first takes the index.
  if (!declared.empty()) {
    const std::string_view element_name = declared.back()->names[0];
    if (node.pipe->assigns) {
      if (declared.size() > 1) RETURN_IF_ERROR(SetVariable(declared[0]->names[0], index));
      RETURN_IF_ERROR(SetVariable(element_name, element));
    } else {
      scratch_->variables[variables - 1].value = element;
      if (declared.size() > 1) scratch_->variables[variables - 2].value = index;
    }
  }
  RETURN_IF_ERROR(Walk(element, *node.list));
  scratch_->variables.resize(variables);
  if (flow_ == Flow::kContinue) flow_ = Flow::kNext;
  return absl::OkStatus();
}

Status TemplateExecutor::WalkTemplate(const Value& dot, const TemplateNode& node) {
  const auto tree = trees_.trees.find(node.name);
  if (tree == trees_.trees.end()) {
    return Error(StrCat("template ", GoQuote(node.name), " not defined"));
  }
  Value inner_dot;
  if (node.pipe != nullptr) {
    ASSIGN_OR_RETURN(inner_dot, EvaluatePipe(dot, *node.pipe));
  }
  const size_t outer_frame = frame_;
  const std::string_view outer_name = template_name_;
  frame_ = scratch_->variables.size();
  template_name_ = tree->first;
  scratch_->variables.push_back({"$", inner_dot});
  RETURN_IF_ERROR(Walk(inner_dot, *tree->second));
  scratch_->variables.resize(frame_);
  frame_ = outer_frame;
  template_name_ = outer_name;
  node_ = &node;
  return absl::OkStatus();
}

Status TemplateExecutor::SetVariable(std::string_view name, const Value& value) {
  auto& variables = scratch_->variables;
  for (size_t i = variables.size(); i > frame_; --i) {
    if (variables[i - 1].name != name) continue;
    variables[i - 1].value = value;
    return absl::OkStatus();
  }
  return Error(StrCat("undefined variable: ", name));
}

// The parser knows that the variable is declared or assigned before, and assigning one that is not
// declared fails, so there is one.
const Value& TemplateExecutor::VariableValue(std::string_view name) const {
  const auto& variables = scratch_->variables;
  size_t i = variables.size() - 1;
  while (i > frame_ && variables[i].name != name) --i;
  return variables[i].value;
}

}  // namespace skald::query
