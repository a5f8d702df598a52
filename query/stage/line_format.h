// `| line_format "{{.a}}"`: replaces lines by what a template makes of them (logql.md 5.9).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "query/stage/pipeline.h"
#include "query/template/template.h"

namespace skald::query {

inline constexpr std::string_view kTemplateFormatError = "TemplateFormatErr";

// Threads: externally synchronised.
class LineFormatter : public Operator {
 public:
  // InvalidArgument with the cause of the stage error. `now_ns`: the time of the query.
  static StatusOr<std::unique_ptr<LineFormatter>> Create(std::string_view format, int64_t now_ns);

  Status Apply(Batch* batch) override;

  const Template& line_template() const { return template_; }

 private:
  LineFormatter(Template line_template, int64_t now_ns)
      : template_(std::move(line_template)), now_ns_(now_ns) {}

  Template template_;
  int64_t now_ns_;
  TemplateScratch scratch_;
  std::string line_;  // scratch
};

}  // namespace skald::query
