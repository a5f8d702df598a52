// The syntax tree of a template, with the text that Go prints for each node in messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "re2/re2.h"

namespace skald::query {

struct FunctionSpec;

enum class NodeKind {
  kList,
  kText,
  kAction,
  kIf,
  kWith,
  kRange,
  kTemplate,
  kBreak,
  kContinue,
  kEnd,   // only while parsing
  kElse,  // only while parsing
  kPipe,
  kCommand,
  // Operands.
  kDot,
  kNil,
  kBool,
  kNumber,
  kString,
  kField,
  kVariable,
  kChain,
  kFunction,
};

struct Node {
  Node(NodeKind k, size_t p) : kind(k), position(p) {}
  virtual ~Node() = default;
  const NodeKind kind;
  const size_t position;  // byte offset in the template's text
};
using NodePtr = std::unique_ptr<Node>;

struct ListNode : Node {
  explicit ListNode(size_t p) : Node(NodeKind::kList, p) {}
  std::vector<NodePtr> nodes;
};

struct TextNode : Node {
  TextNode(size_t p, std::string_view t) : Node(NodeKind::kText, p), text(t) {}
  const std::string text;
};

// A string literal.
struct StringNode : Node {
  StringNode(size_t p, std::string_view q, std::string t)
      : Node(NodeKind::kString, p), quoted(q), text(std::move(t)) {}
  const std::string quoted;  // as written
  const std::string text;
};

struct BoolNode : Node {
  BoolNode(size_t p, bool v) : Node(NodeKind::kBool, p), value(v) {}
  const bool value;
};

// A constant without a type: it may serve as several.
struct NumberNode : Node {
  NumberNode(size_t p, std::string_view t) : Node(NodeKind::kNumber, p), text(t) {}
  const std::string text;
  bool is_int = false;
  bool is_float = false;
  int64_t int_value = 0;
  double float_value = 0;
  // Whether it is a float64 where the context asks for no type.
  bool prefers_float = false;
};

// `.a.b`
struct FieldNode : Node {
  explicit FieldNode(size_t p) : Node(NodeKind::kField, p) {}
  std::vector<std::string> names;
};

// `$x.a`: the variable's name (with its dollar sign) and fields.
struct VariableNode : Node {
  explicit VariableNode(size_t p) : Node(NodeKind::kVariable, p) {}
  std::vector<std::string> names;
};

// `(pipeline).a` or `function.a`.
struct ChainNode : Node {
  explicit ChainNode(size_t p) : Node(NodeKind::kChain, p) {}
  NodePtr base;
  std::vector<std::string> names;
};

struct FunctionNode : Node {
  FunctionNode(size_t p, const FunctionSpec* s) : Node(NodeKind::kFunction, p), spec(s) {}
  const FunctionSpec* const spec;
};

struct CommandNode : Node {
  explicit CommandNode(size_t p) : Node(NodeKind::kCommand, p) {}
  std::vector<NodePtr> operands;  // never empty
  // The first argument, compiled, when the function takes a regex and it is constant and valid.
  std::shared_ptr<const RE2> regex;
};

struct PipeNode : Node {
  explicit PipeNode(size_t p) : Node(NodeKind::kPipe, p) {}
  bool assigns = false;  // `=` rather than `:=`
  std::vector<std::unique_ptr<VariableNode>> variables;
  std::vector<std::unique_ptr<CommandNode>> commands;
};

struct ActionNode : Node {
  explicit ActionNode(size_t p) : Node(NodeKind::kAction, p) {}
  std::unique_ptr<PipeNode> pipe;
};

// if, with and range.
struct BranchNode : Node {
  BranchNode(NodeKind k, size_t p) : Node(k, p) {}
  std::unique_ptr<PipeNode> pipe;
  std::unique_ptr<ListNode> list;
  std::unique_ptr<ListNode> else_list;  // may be null
};

struct TemplateNode : Node {
  explicit TemplateNode(size_t p) : Node(NodeKind::kTemplate, p) {}
  std::string name;
  std::unique_ptr<PipeNode> pipe;  // may be null
};

// A parsed text: the main template, under the text's own name, and those it defines.
struct TemplateTrees {
  std::string name;
  std::string text;
  std::map<std::string, std::unique_ptr<ListNode>, std::less<>> trees;

  // The template of that name, or nullptr.
  const ListNode* Find(std::string_view tree_name) const {
    const auto found = trees.find(tree_name);
    return found == trees.end() ? nullptr : found->second.get();
  }
};

// True if a node is empty of everything but space.
bool IsEmptyTree(const ListNode& list);

// Appends a node as Go writes it back.
void AppendNode(std::string* out, const Node& node);
std::string NodeText(const Node& node);

}  // namespace skald::query
