// `| label_format new=old, other="{{.a}}"`: renames labels and sets them from templates
// (logql.md 5.9).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/stage/pipeline.h"
#include "query/template/template.h"

namespace skald::query {

// Threads: externally synchronised.
class LabelFormatter : public Operator {
 public:
  // InvalidArgument with the cause of the stage error. `now_ns`: the time of the query.
  static StatusOr<std::unique_ptr<LabelFormatter>> Create(const LabelFormatStage& stage,
                                                          int64_t now_ns);

  Status Apply(Batch* batch) override;

  struct Format {
    std::string target;
    std::string source;  // of a rename
    std::optional<Template> label_template;
  };
  const std::vector<Format>& formats() const { return formats_; }

 private:
  LabelFormatter(std::vector<Format> formats, int64_t now_ns)
      : formats_(std::move(formats)), now_ns_(now_ns) {}

  static Status Rename(const Format& format, Batch* batch);
  // The template's result in every selected row, in order of the selection; kAbsent on an error.
  StatusOr<std::vector<std::string_view>> Execute(const Template& label_template, Batch* batch);
  static void SetResults(const Format& format, std::span<const std::string_view> results,
                         Batch* batch);

  std::vector<Format> formats_;
  int64_t now_ns_;
  TemplateScratch scratch_;
  std::string value_;  // scratch
};

}  // namespace skald::query
