// Templates of `line_format` and `label_format`: Go's text/template with LogQL's functions.
//
// A template is parsed once and executed on every row. Texts with nothing but plain `{{.label}}`
// actions are put together without the engine.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/template/template_analysis.h"
#include "query/template/template_ast.h"
#include "query/template/template_context.h"
#include "query/template/template_scratch.h"
#include "storage/base/status.h"

namespace skald::query {

// Threads: immutable; executions on several threads need a scratch each.
class Template {
 public:
  // InvalidArgument with Go's text, in which `name` ("line" or "label") is the template's:
  // `template: line:1: unclosed action`.
  static StatusOr<Template> Parse(std::string_view name, std::string_view text);

  // The labels that the template may read, sorted by name; nullopt when it may read any.
  const std::optional<std::vector<std::string>>& fields() const { return use_.fields; }
  bool uses_line() const { return use_.line; }

  // Appends the result to `out`. On an error `out` is as before and the message is Go's:
  // `template: line:1:2: executing "line" at <.a.b>: can't evaluate field b in type string`.
  // Work, nesting and output are bounded: about a hundred thousand steps, and one MiB more than
  // twice the line.
  Status Execute(const TemplateContext& context, TemplateScratch* scratch, std::string* out) const;

 private:
  // Literal text and the label behind it; the last one's label may be missing.
  struct Piece {
    std::string text;
    std::optional<std::string> label;
  };

  explicit Template(std::unique_ptr<const TemplateTrees> trees);

  // The template as pieces, unless it needs the engine.
  static std::optional<std::vector<Piece>> PiecesOf(const TemplateTrees& trees);
  Status AppendPieces(const TemplateContext& context, std::string* out) const;

  std::unique_ptr<const TemplateTrees> trees_;
  TemplateUse use_;
  std::optional<std::vector<Piece>> pieces_;
};

}  // namespace skald::query
