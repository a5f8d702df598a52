#include "query/template/template_ast.h"

#include "query/template/template_functions.h"
#include "storage/base/go_quote.h"

namespace skald::query {
namespace {

void AppendDotted(std::string* out, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    out->push_back('.');
    out->append(name);
  }
}

void AppendInParentheses(std::string* out, const Node& node) {
  const bool parentheses = node.kind == NodeKind::kPipe;
  if (parentheses) out->push_back('(');
  AppendNode(out, node);
  if (parentheses) out->push_back(')');
}

void AppendPipe(std::string* out, const PipeNode& pipe) {
  for (size_t i = 0; i < pipe.variables.size(); ++i) {
    if (i > 0) out->append(", ");
    AppendNode(out, *pipe.variables[i]);
  }
  if (!pipe.variables.empty()) out->append(pipe.assigns ? " = " : " := ");
  for (size_t i = 0; i < pipe.commands.size(); ++i) {
    if (i > 0) out->append(" | ");
    AppendNode(out, *pipe.commands[i]);
  }
}

void AppendCommand(std::string* out, const CommandNode& command) {
  for (size_t i = 0; i < command.operands.size(); ++i) {
    if (i > 0) out->push_back(' ');
    AppendInParentheses(out, *command.operands[i]);
  }
}

void AppendBranch(std::string* out, const BranchNode& branch) {
  out->append(branch.kind == NodeKind::kIf     ? "{{if "
              : branch.kind == NodeKind::kWith ? "{{with "
                                               : "{{range ");
  AppendPipe(out, *branch.pipe);
  out->append("}}");
  AppendNode(out, *branch.list);
  if (branch.else_list != nullptr) {
    out->append("{{else}}");
    AppendNode(out, *branch.else_list);
  }
  out->append("{{end}}");
}

void AppendTemplate(std::string* out, const TemplateNode& node) {
  out->append("{{template ");
  AppendGoQuoted(out, node.name);
  if (node.pipe != nullptr) {
    out->push_back(' ');
    AppendPipe(out, *node.pipe);
  }
  out->append("}}");
}

void AppendVariable(std::string* out, const VariableNode& node) {
  out->append(node.names[0]);
  for (size_t i = 1; i < node.names.size(); ++i) out->append("." + node.names[i]);
}

template <typename T>
const T& As(const Node& node) {
  return static_cast<const T&>(node);
}

void AppendOperand(std::string* out, const Node& node) {
  switch (node.kind) {
    case NodeKind::kNil:
      out->append("nil");
      return;
    case NodeKind::kBool:
      out->append(As<BoolNode>(node).value ? "true" : "false");
      return;
    case NodeKind::kNumber:
      out->append(As<NumberNode>(node).text);
      return;
    case NodeKind::kString:
      out->append(As<StringNode>(node).quoted);
      return;
    case NodeKind::kField:
      return AppendDotted(out, As<FieldNode>(node).names);
    case NodeKind::kVariable:
      return AppendVariable(out, As<VariableNode>(node));
    case NodeKind::kChain:
      AppendInParentheses(out, *As<ChainNode>(node).base);
      return AppendDotted(out, As<ChainNode>(node).names);
    case NodeKind::kFunction:
      out->append(As<FunctionNode>(node).spec->name);
      return;
    default:
      out->push_back('.');
  }
}

}  // namespace

bool IsEmptyTree(const ListNode& list) {
  for (const NodePtr& node : list.nodes) {
    if (node->kind != NodeKind::kText) return false;
    if (As<TextNode>(*node).text.find_first_not_of(" \t\n\v\f\r") != std::string::npos)
      return false;
  }
  return true;
}

void AppendNode(std::string* out, const Node& node) {
  switch (node.kind) {
    case NodeKind::kList:
      for (const NodePtr& child : As<ListNode>(node).nodes) AppendNode(out, *child);
      return;
    case NodeKind::kText:
      out->append(As<TextNode>(node).text);
      return;
    case NodeKind::kAction:
      out->append("{{");
      AppendPipe(out, *As<ActionNode>(node).pipe);
      out->append("}}");
      return;
    case NodeKind::kIf:
    case NodeKind::kWith:
    case NodeKind::kRange:
      return AppendBranch(out, As<BranchNode>(node));
    case NodeKind::kTemplate:
      return AppendTemplate(out, As<TemplateNode>(node));
    case NodeKind::kBreak:
      out->append("{{break}}");
      return;
    case NodeKind::kContinue:
      out->append("{{continue}}");
      return;
    case NodeKind::kEnd:
      out->append("{{end}}");
      return;
    case NodeKind::kElse:
      out->append("{{else}}");
      return;
    case NodeKind::kPipe:
      return AppendPipe(out, As<PipeNode>(node));
    case NodeKind::kCommand:
      return AppendCommand(out, As<CommandNode>(node));
    default:
      return AppendOperand(out, node);
  }
}

std::string NodeText(const Node& node) {
  std::string text;
  AppendNode(&text, node);
  return text;
}

}  // namespace skald::query
