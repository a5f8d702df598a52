#include "query/template/template_parser.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "query/template/go_unquote.h"
#include "query/template/number_literal.h"
#include "query/template/template_functions.h"
#include "query/template/token_reader.h"
#include "storage/base/go_quote.h"
#include "storage/model/go_regex.h"

namespace skald::query {
namespace {

// Control structures and parentheses within each other.
constexpr int kMaxNesting = 100;

using Token = TemplateToken;

bool IsOperandToken(Token token) {
  switch (token) {
    case Token::kBool:
    case Token::kCharacter:
    case Token::kDot:
    case Token::kField:
    case Token::kIdentifier:
    case Token::kNumber:
    case Token::kNil:
    case Token::kRawString:
    case Token::kString:
    case Token::kVariable:
    case Token::kLeftParenthesis:
      return true;
    default:
      return false;
  }
}

bool IsLiteral(NodeKind kind) {
  return kind == NodeKind::kBool || kind == NodeKind::kDot || kind == NodeKind::kNil ||
         kind == NodeKind::kNumber || kind == NodeKind::kString;
}

// `text` starts with a dot when `fields`, else with a variable's name.
std::vector<std::string> SplitNames(std::string_view text, bool fields) {
  std::vector<std::string> names;
  if (fields) text.remove_prefix(1);
  while (true) {
    const size_t dot = text.find('.');
    names.emplace_back(text.substr(0, dot));
    if (dot == std::string_view::npos) return names;
    text.remove_prefix(dot + 1);
  }
}

// What is known of one template while its text is read.
struct Scope {
  std::vector<std::string> variables = {"$"};
  int ranges = 0;  // loops around the current place
};

class TemplateParser {
 public:
  TemplateParser(std::string_view name, std::string_view text)
      : trees_(std::make_unique<TemplateTrees>()) {
    trees_->name = name;
    trees_->text = text;
    tokens_.emplace(trees_->text);
  }

  StatusOr<std::unique_ptr<const TemplateTrees>> Parse() {
    auto root = std::make_unique<ListNode>(tokens_->Peek().position);
    while (tokens_->Peek().token != Token::kEof) {
      if (tokens_->Peek().token == Token::kLeftDelimiter) {
        const TemplateItem delimiter = tokens_->Next();
        if (tokens_->NextNonSpace().token == Token::kDefine) {
          RETURN_IF_ERROR(ParseDefinition());
          continue;
        }
        tokens_->Backup2(delimiter);
      }
      ASSIGN_OR_RETURN(NodePtr node, ParseTextOrAction());
      if (IsListEnd(*node)) return Error(StrCat("unexpected ", NodeText(*node)));
      root->nodes.push_back(std::move(node));
    }
    RETURN_IF_ERROR(AddTree(trees_->name, std::move(root)));
    return std::unique_ptr<const TemplateTrees>(std::move(trees_));
  }

 private:
  // --- Errors ---
  Status Error(std::string_view message) const {
    return InvalidArgument(StrCat("template: ", trees_->name, ":", tokens_->line(), ": ", message));
  }
  Status Unexpected(const TemplateItem& item, std::string_view context) const {
    if (item.token != Token::kError) {
      return Error(StrCat("unexpected ", DescribeItem(item), " in ", context));
    }
    std::string extra;
    if (action_line_ != 0 && action_line_ != item.line) {
      extra = StrCat(" in action started at ", trees_->name, ":", action_line_);
      constexpr std::string_view kAction = " action";
      const bool says_action =
          item.text.size() >= kAction.size() &&
          std::string_view(item.text).substr(item.text.size() - kAction.size()) == kAction;
      if (says_action) extra.erase(0, std::string_view(" in action").size());
    }
    return Error(item.text + extra);
  }
  StatusOr<TemplateItem> Expect(Token token, std::string_view context) {
    const TemplateItem& item = tokens_->NextNonSpace();
    if (item.token != token) return Unexpected(item, context);
    return item;
  }

  // --- Templates ---
  Status AddTree(const std::string& name, std::unique_ptr<ListNode> list) {
    auto& place = trees_->trees[name];
    if (place == nullptr || IsEmptyTree(*place)) {
      place = std::move(list);
    } else if (!IsEmptyTree(*list)) {
      return Error(StrCat("template: multiple definition of template ", GoQuote(name)));
    }
    return absl::OkStatus();
  }

  // Reads a template's body up to its end and files it.
  Status ParseBody(const std::string& name, std::string_view context) {
    Scope outer = std::exchange(scope_, Scope());
    ASSIGN_OR_RETURN(ItemList body, ParseList());
    if (body.end->kind != NodeKind::kEnd) {
      return Error(StrCat("unexpected ", NodeText(*body.end), " in ", context));
    }
    scope_ = std::move(outer);
    return AddTree(name, std::move(body.list));
  }

  Status ParseDefinition() {
    constexpr std::string_view kContext = "define clause";
    const TemplateItem item = tokens_->NextNonSpace();
    ASSIGN_OR_RETURN(const std::string name, TemplateName(item, kContext));
    RETURN_IF_ERROR(Expect(Token::kRightDelimiter, kContext).status());
    return ParseBody(name, kContext);
  }

  StatusOr<std::string> TemplateName(const TemplateItem& item, std::string_view context) {
    if (item.token != Token::kString && item.token != Token::kRawString) {
      return Unexpected(item, context);
    }
    auto name = GoUnquote(item.text);
    if (!name) return Error("invalid syntax");
    return *std::move(name);
  }

  // --- Lists and actions ---
  static bool IsListEnd(const Node& node) {
    return node.kind == NodeKind::kEnd || node.kind == NodeKind::kElse;
  }

  struct ItemList {
    std::unique_ptr<ListNode> list;
    NodePtr end;  // the end or else that closed it
  };
  StatusOr<ItemList> ParseList() {
    if (++nesting_ > kMaxNesting) return Error("max nesting depth exceeded");
    ItemList result;
    result.list = std::make_unique<ListNode>(tokens_->PeekNonSpace().position);
    while (tokens_->PeekNonSpace().token != Token::kEof) {
      ASSIGN_OR_RETURN(NodePtr node, ParseTextOrAction());
      if (IsListEnd(*node)) {
        result.end = std::move(node);
        --nesting_;
        return result;
      }
      result.list->nodes.push_back(std::move(node));
    }
    return Error("unexpected EOF");
  }

  StatusOr<NodePtr> ParseTextOrAction() {
    const TemplateItem item = tokens_->NextNonSpace();
    if (item.token == Token::kText) return std::make_unique<TextNode>(item.position, item.text);
    if (item.token != Token::kLeftDelimiter) return Unexpected(item, "input");
    action_line_ = item.line;
    StatusOr<NodePtr> action = ParseAction();
    action_line_ = 0;
    return action;
  }

  StatusOr<NodePtr> ParseAction() {
    const TemplateItem item = tokens_->NextNonSpace();
    switch (item.token) {
      case Token::kBlock:
        return ParseBlock();
      case Token::kBreak:
        return ParseJump(NodeKind::kBreak, item.position, "{{break}}");
      case Token::kContinue:
        return ParseJump(NodeKind::kContinue, item.position, "{{continue}}");
      case Token::kElse:
        return ParseElse();
      case Token::kEnd:
        return ParseMark(NodeKind::kEnd, "end");
      case Token::kIf:
        return ParseBranch(NodeKind::kIf, "if");
      case Token::kRange:
        return ParseBranch(NodeKind::kRange, "range");
      case Token::kWith:
        return ParseBranch(NodeKind::kWith, "with");
      case Token::kTemplate:
        return ParseTemplateCall();
      default:
        break;
    }
    tokens_->Backup();
    auto action = std::make_unique<ActionNode>(tokens_->Peek().position);
    ASSIGN_OR_RETURN(action->pipe, ParsePipeline("command", Token::kRightDelimiter));
    return action;
  }

  StatusOr<NodePtr> ParseJump(NodeKind kind, size_t position, std::string_view text) {
    RETURN_IF_ERROR(Expect(Token::kRightDelimiter, text).status());
    if (scope_.ranges == 0) return Error(StrCat(text, " outside {{range}}"));
    return std::make_unique<Node>(kind, position);
  }

  StatusOr<NodePtr> ParseMark(NodeKind kind, std::string_view context) {
    ASSIGN_OR_RETURN(const TemplateItem item, Expect(Token::kRightDelimiter, context));
    return std::make_unique<Node>(kind, item.position);
  }

  // `{{else if` and `{{else with` stop before the second word.
  StatusOr<NodePtr> ParseElse() {
    const TemplateItem& next = tokens_->PeekNonSpace();
    if (next.token == Token::kIf || next.token == Token::kWith) {
      return std::make_unique<Node>(NodeKind::kElse, next.position);
    }
    return ParseMark(NodeKind::kElse, "else");
  }

  StatusOr<NodePtr> ParseBranch(NodeKind kind, std::string_view context) {
    const size_t variables = scope_.variables.size();
    ASSIGN_OR_RETURN(std::unique_ptr<PipeNode> pipe,
                     ParsePipeline(context, Token::kRightDelimiter));
    auto branch = std::make_unique<BranchNode>(kind, pipe->position);
    branch->pipe = std::move(pipe);
    if (kind == NodeKind::kRange) ++scope_.ranges;
    ASSIGN_OR_RETURN(ItemList body, ParseList());
    if (kind == NodeKind::kRange) --scope_.ranges;
    branch->list = std::move(body.list);
    if (body.end->kind == NodeKind::kElse) {
      ASSIGN_OR_RETURN(branch->else_list, ParseElseList(kind, body.end->position, context));
    }
    scope_.variables.resize(variables);
    return branch;
  }

  // `{{else if x}}…{{end}}` is `{{else}}{{if x}}…{{end}}{{end}}` with one end fewer.
  StatusOr<std::unique_ptr<ListNode>> ParseElseList(NodeKind kind, size_t position,
                                                    std::string_view context) {
    const Token next = tokens_->Peek().token;
    const bool continues = (kind == NodeKind::kIf && next == Token::kIf) ||
                           (kind == NodeKind::kWith && next == Token::kWith);
    if (!continues) {
      ASSIGN_OR_RETURN(ItemList body, ParseList());
      if (body.end->kind != NodeKind::kEnd) {
        return Error(StrCat("expected end; found ", NodeText(*body.end)));
      }
      return std::move(body.list);
    }
    tokens_->Next();
    if (++nesting_ > kMaxNesting) return Error("max nesting depth exceeded");
    auto list = std::make_unique<ListNode>(position);
    ASSIGN_OR_RETURN(NodePtr branch, ParseBranch(kind, context));
    list->nodes.push_back(std::move(branch));
    --nesting_;
    return list;
  }

  StatusOr<NodePtr> ParseBlock() {
    constexpr std::string_view kContext = "block clause";
    const TemplateItem item = tokens_->NextNonSpace();
    auto node = std::make_unique<TemplateNode>(item.position);
    ASSIGN_OR_RETURN(node->name, TemplateName(item, kContext));
    ASSIGN_OR_RETURN(node->pipe, ParsePipeline(kContext, Token::kRightDelimiter));
    RETURN_IF_ERROR(ParseBody(node->name, kContext));
    return node;
  }

  StatusOr<NodePtr> ParseTemplateCall() {
    constexpr std::string_view kContext = "template clause";
    const TemplateItem item = tokens_->NextNonSpace();
    auto node = std::make_unique<TemplateNode>(item.position);
    ASSIGN_OR_RETURN(node->name, TemplateName(item, kContext));
    if (tokens_->NextNonSpace().token != Token::kRightDelimiter) {
      tokens_->Backup();
      ASSIGN_OR_RETURN(node->pipe, ParsePipeline(kContext, Token::kRightDelimiter));
    }
    return node;
  }

  // --- Pipelines ---
  StatusOr<std::unique_ptr<PipeNode>> ParsePipeline(std::string_view context, Token end) {
    auto pipe = std::make_unique<PipeNode>(tokens_->PeekNonSpace().position);
    bool more = true;
    while (more) {
      ASSIGN_OR_RETURN(more, ParseDeclaration(context, pipe.get()));
    }
    while (true) {
      const TemplateItem& item = tokens_->NextNonSpace();
      if (item.token == end) break;
      if (!IsOperandToken(item.token)) return Unexpected(item, context);
      tokens_->Backup();
      ASSIGN_OR_RETURN(std::unique_ptr<CommandNode> command, ParseCommand());
      pipe->commands.push_back(std::move(command));
    }
    RETURN_IF_ERROR(CheckPipeline(*pipe, context));
    return pipe;
  }

  // `$x :=`, `$x =` or, in a range, `$i,`; true if a second variable may follow.
  StatusOr<bool> ParseDeclaration(std::string_view context, PipeNode* pipe) {
    if (tokens_->PeekNonSpace().token != Token::kVariable) return false;
    const TemplateItem variable = tokens_->NextNonSpace();
    const TemplateItem after = tokens_->Peek();
    const TemplateItem next = tokens_->PeekNonSpace();
    const bool comma = next.token == Token::kPunctuation && next.text == ",";
    const bool assigns = next.token == Token::kAssign;
    if (!assigns && next.token != Token::kDeclare && !comma) {
      if (after.token == Token::kSpace) {
        tokens_->Backup3(variable, after);
      } else {
        tokens_->Backup2(variable);
      }
      return false;
    }
    tokens_->NextNonSpace();
    if (!comma) pipe->assigns = assigns;
    auto node = std::make_unique<VariableNode>(variable.position);
    node->names = {variable.text};
    pipe->variables.push_back(std::move(node));
    scope_.variables.push_back(variable.text);
    if (!comma) return false;
    if (context != "range" || pipe->variables.size() >= 2) {
      return Error(StrCat("too many declarations in ", context));
    }
    const Token second = tokens_->PeekNonSpace().token;
    if (second != Token::kVariable && second != Token::kRightDelimiter &&
        second != Token::kRightParenthesis) {
      return Error("range can only initialize variables");
    }
    return true;
  }

  Status CheckPipeline(const PipeNode& pipe, std::string_view context) const {
    if (pipe.commands.empty()) return Error(StrCat("missing value for ", context));
    for (size_t i = 1; i < pipe.commands.size(); ++i) {
      if (IsLiteral(pipe.commands[i]->operands[0]->kind)) {
        return Error(StrCat("non executable command in pipeline stage ", i + 1));
      }
    }
    return absl::OkStatus();
  }

  StatusOr<std::unique_ptr<CommandNode>> ParseCommand() {
    auto command = std::make_unique<CommandNode>(tokens_->PeekNonSpace().position);
    while (true) {
      tokens_->PeekNonSpace();
      ASSIGN_OR_RETURN(NodePtr operand, ParseOperand());
      if (operand != nullptr) command->operands.push_back(std::move(operand));
      const TemplateItem& item = tokens_->Next();
      if (item.token == Token::kSpace) continue;
      if (item.token == Token::kRightDelimiter || item.token == Token::kRightParenthesis) {
        tokens_->Backup();
      } else if (item.token != Token::kPipe) {
        return Unexpected(item, "operand");
      }
      break;
    }
    if (command->operands.empty()) return Error("empty command");
    CompileRegex(command.get());
    return command;
  }

  // A regex that does not compile fails when the function is called.
  static void CompileRegex(CommandNode* command) {
    if (command->operands.size() < 2 || command->operands[0]->kind != NodeKind::kFunction) return;
    const auto& function = static_cast<const FunctionNode&>(*command->operands[0]);
    if (!function.spec->takes_regex || command->operands[1]->kind != NodeKind::kString) return;
    auto regex = CompileGoRegex(static_cast<const StringNode&>(*command->operands[1]).text);
    if (regex.ok()) command->regex = *std::move(regex);
  }

  // A term and the fields behind it; null if the next token begins no term.
  StatusOr<NodePtr> ParseOperand() {
    ASSIGN_OR_RETURN(NodePtr term, ParseTerm());
    if (term == nullptr || tokens_->Peek().token != Token::kField) return term;
    const size_t position = tokens_->Peek().position;
    std::string fields;
    while (tokens_->Peek().token == Token::kField) fields += tokens_->Next().text;
    if (IsLiteral(term->kind)) {
      return Error(StrCat("unexpected . after term ", GoQuote(NodeText(*term))));
    }
    if (term->kind == NodeKind::kField) {
      auto field = std::make_unique<FieldNode>(position);
      field->names = SplitNames(NodeText(*term) + fields, true);
      return field;
    }
    if (term->kind == NodeKind::kVariable) {
      auto variable = std::make_unique<VariableNode>(position);
      variable->names = SplitNames(NodeText(*term) + fields, false);
      return variable;
    }
    auto chain = std::make_unique<ChainNode>(position);
    chain->base = std::move(term);
    chain->names = SplitNames(fields, true);
    return chain;
  }

  StatusOr<NodePtr> ParseTerm() {
    const TemplateItem item = tokens_->NextNonSpace();
    switch (item.token) {
      case Token::kIdentifier: {
        const FunctionSpec* const spec = FindFunction(item.text);
        if (spec == nullptr) return Error(StrCat("function ", GoQuote(item.text), " not defined"));
        return std::make_unique<FunctionNode>(item.position, spec);
      }
      case Token::kDot:
        return std::make_unique<Node>(NodeKind::kDot, item.position);
      case Token::kNil:
        return std::make_unique<Node>(NodeKind::kNil, item.position);
      case Token::kVariable:
        return ParseVariable(item);
      case Token::kField: {
        auto field = std::make_unique<FieldNode>(item.position);
        field->names = SplitNames(item.text, true);
        return field;
      }
      case Token::kBool:
        return std::make_unique<BoolNode>(item.position, item.text == "true");
      case Token::kCharacter:
      case Token::kNumber:
        return ParseNumber(item);
      case Token::kLeftParenthesis:
        return ParseParentheses();
      case Token::kString:
      case Token::kRawString: {
        auto text = GoUnquote(item.text);
        if (!text) return Error("invalid syntax");
        return std::make_unique<StringNode>(item.position, item.text, *std::move(text));
      }
      default:
        tokens_->Backup();
        return NodePtr();
    }
  }

  StatusOr<NodePtr> ParseVariable(const TemplateItem& item) {
    const auto& known = scope_.variables;
    if (std::find(known.begin(), known.end(), item.text) == known.end()) {
      return Error(StrCat("undefined variable ", GoQuote(item.text)));
    }
    auto variable = std::make_unique<VariableNode>(item.position);
    variable->names = {item.text};
    return variable;
  }

  StatusOr<NodePtr> ParseNumber(const TemplateItem& item) {
    StatusOr<std::unique_ptr<NumberNode>> number = ParseNumberLiteral(item.position, item.text);
    if (!number.ok()) return Error(Message(number.status()));
    return *std::move(number);
  }

  StatusOr<NodePtr> ParseParentheses() {
    if (++nesting_ > kMaxNesting) return Error("max expression depth exceeded");
    ASSIGN_OR_RETURN(std::unique_ptr<PipeNode> pipe,
                     ParsePipeline("parenthesized pipeline", Token::kRightParenthesis));
    --nesting_;
    return pipe;
  }

  std::unique_ptr<TemplateTrees> trees_;
  std::optional<TokenReader> tokens_;  // of the text in `trees_`
  Scope scope_;
  int action_line_ = 0;  // of the action under way, 0 outside
  int nesting_ = 0;
};

}  // namespace

StatusOr<std::unique_ptr<const TemplateTrees>> ParseTemplate(std::string_view name,
                                                             std::string_view text) {
  return TemplateParser(name, text).Parse();
}

}  // namespace skald::query
