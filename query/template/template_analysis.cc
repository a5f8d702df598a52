#include "query/template/template_analysis.h"

#include <set>

#include "query/template/template_functions.h"

namespace skald::query {
namespace {

template <typename T>
const T& As(const Node& node) {
  return static_cast<const T&>(node);
}

// Walks the trees; `root_dot` says whether the dot is the label map at that place, and
// `root_dollar` whether `$` is.
class Analyser {
 public:
  explicit Analyser(const TemplateTrees& trees) : trees_(trees) {}

  TemplateUse Run() {
    VisitTree(trees_.name, true);
    TemplateUse use;
    use.line = line_;
    if (!all_) use.fields.emplace(fields_.begin(), fields_.end());
    return use;
  }

 private:
  struct Place {
    bool root_dot;
    bool root_dollar;
  };

  // Each template is visited once for each kind of dot that it is given.
  void VisitTree(std::string_view name, bool root) {
    const ListNode* const tree = trees_.Find(name);
    if (tree == nullptr || !visited_.emplace(tree, root).second) return;
    Visit(*tree, {root, root});
  }

  void VisitList(const ListNode* list, Place place) {
    if (list != nullptr) Visit(*list, place);
  }

  void Visit(const Node& node, Place place) {
    switch (node.kind) {
      case NodeKind::kList:
        for (const NodePtr& child : As<ListNode>(node).nodes) Visit(*child, place);
        return;
      case NodeKind::kAction:
        return Visit(*As<ActionNode>(node).pipe, place);
      case NodeKind::kIf:
      case NodeKind::kWith:
      case NodeKind::kRange:
        return VisitBranch(As<BranchNode>(node), place);
      case NodeKind::kTemplate:
        return VisitTemplate(As<TemplateNode>(node), place);
      case NodeKind::kPipe:
        for (const auto& command : As<PipeNode>(node).commands) Visit(*command, place);
        return;
      case NodeKind::kCommand:
        for (const NodePtr& operand : As<CommandNode>(node).operands) Visit(*operand, place);
        return;
      default:
        return VisitOperand(node, place);
    }
  }

  // Where with and range set the dot, it is no longer the label map: had it been passed on, the
  // pipeline itself would have read all labels.
  void VisitBranch(const BranchNode& branch, Place place) {
    Visit(*branch.pipe, place);
    const bool keeps_dot = branch.kind == NodeKind::kIf;
    VisitList(branch.list.get(), {keeps_dot && place.root_dot, place.root_dollar});
    VisitList(branch.else_list.get(), place);
  }

  void VisitTemplate(const TemplateNode& node, Place place) {
    const bool passes_root = node.pipe != nullptr && IsRoot(*node.pipe, place);
    if (node.pipe != nullptr && !passes_root) Visit(*node.pipe, place);
    VisitTree(node.name, passes_root);
  }

  // Whether a pipeline is just the label map.
  static bool IsRoot(const PipeNode& pipe, Place place) {
    if (!pipe.variables.empty() || pipe.commands.size() != 1) return false;
    if (pipe.commands[0]->operands.size() != 1) return false;
    const Node& operand = *pipe.commands[0]->operands[0];
    if (operand.kind == NodeKind::kDot) return place.root_dot;
    return operand.kind == NodeKind::kVariable && place.root_dollar && IsDollar(operand) &&
           As<VariableNode>(operand).names.size() == 1;
  }

  static bool IsDollar(const Node& node) { return As<VariableNode>(node).names[0] == "$"; }

  void VisitOperand(const Node& node, Place place) {
    switch (node.kind) {
      case NodeKind::kDot:
        all_ = all_ || place.root_dot;
        return;
      case NodeKind::kField:
        if (place.root_dot) fields_.insert(As<FieldNode>(node).names[0]);
        return;
      case NodeKind::kVariable:
        if (!place.root_dollar || !IsDollar(node)) return;
        if (As<VariableNode>(node).names.size() == 1) {
          all_ = true;
        } else {
          fields_.insert(As<VariableNode>(node).names[1]);
        }
        return;
      case NodeKind::kChain:
        return Visit(*As<ChainNode>(node).base, place);
      case NodeKind::kFunction:
        line_ = line_ || As<FunctionNode>(node).spec->name == "__line__";
        return;
      default:
        return;
    }
  }

  const TemplateTrees& trees_;
  std::set<std::pair<const ListNode*, bool>> visited_;
  std::set<std::string> fields_;
  bool all_ = false;
  bool line_ = false;
};

}  // namespace

TemplateUse AnalyseTemplate(const TemplateTrees& trees) { return Analyser(trees).Run(); }

}  // namespace skald::query
