#include "query/template/template.h"

#include <utility>

#include "query/template/template_executor.h"
#include "query/template/template_parser.h"

namespace skald::query {
namespace {

// The label that an action prints when that is all it does, else null.
const std::string* PlainLabel(const Node& node) {
  if (node.kind != NodeKind::kAction) return nullptr;
  const PipeNode& pipe = *static_cast<const ActionNode&>(node).pipe;
  if (!pipe.variables.empty() || pipe.commands.size() != 1) return nullptr;
  const auto& operands = pipe.commands[0]->operands;
  if (operands.size() != 1 || operands[0]->kind != NodeKind::kField) return nullptr;
  const auto& names = static_cast<const FieldNode&>(*operands[0]).names;
  return names.size() == 1 ? &names[0] : nullptr;
}

}  // namespace

Template::Template(std::unique_ptr<const TemplateTrees> trees)
    : trees_(std::move(trees)), use_(AnalyseTemplate(*trees_)), pieces_(PiecesOf(*trees_)) {}

StatusOr<Template> Template::Parse(std::string_view name, std::string_view text) {
  ASSIGN_OR_RETURN(std::unique_ptr<const TemplateTrees> trees, ParseTemplate(name, text));
  return Template(std::move(trees));
}

std::optional<std::vector<Template::Piece>> Template::PiecesOf(const TemplateTrees& trees) {
  std::vector<Piece> pieces(1);
  for (const NodePtr& node : trees.Find(trees.name)->nodes) {
    if (node->kind == NodeKind::kText) {
      pieces.back().text += static_cast<const TextNode&>(*node).text;
    } else if (const std::string* const label = PlainLabel(*node)) {
      pieces.back().label = *label;
      pieces.emplace_back();
    } else {
      return std::nullopt;
    }
  }
  return pieces;
}

Status Template::AppendPieces(const TemplateContext& context, std::string* out) const {
  const size_t limit = out->size() + MaxTemplateOutput(context);
  for (const Piece& piece : *pieces_) {
    out->append(piece.text);
    if (piece.label) out->append(context.Label(*piece.label));
    if (out->size() > limit) {
      return InvalidArgument(
          StrCat("template: ", trees_->name, ": exceeded the limit on output for one line"));
    }
  }
  return absl::OkStatus();
}

Status Template::Execute(const TemplateContext& context, TemplateScratch* scratch,
                         std::string* out) const {
  const size_t before = out->size();
  const Status status =
      pieces_ ? AppendPieces(context, out) : TemplateExecutor(*trees_, context, scratch, out).Run();
  if (!status.ok()) out->resize(before);
  return status;
}

}  // namespace skald::query
