// Fuzzes templates: the bytes before the first NUL are the template, the rest is the line and the
// value of a label. Every text parses or fails, every execution ends, and `out` keeps what it had.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "query/template/template.h"

namespace {

using skald::Arena;
using skald::LabelView;

class FuzzRow : public skald::query::TemplateContext {
 public:
  explicit FuzzRow(std::string_view text) : labels_{{"a", text}, {"b", "12"}}, line_(text) {}
  std::string_view Label(std::string_view name) const override {
    return name == "a" ? labels_[0].value : name == "b" ? labels_[1].value : std::string_view();
  }
  std::span<const LabelView> AllLabels(Arena*) const override { return labels_; }
  std::string_view line() const override { return line_; }
  int64_t timestamp_ns() const override { return 1679577215123456789; }
  int64_t now_ns() const override { return 1700000000000000000; }

 private:
  const LabelView labels_[2];
  const std::string_view line_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t end = input.find('\0');
  const auto parsed = skald::query::Template::Parse("line", input.substr(0, end));
  if (!parsed.ok()) return 0;
  const FuzzRow row(end == std::string_view::npos ? "" : input.substr(end + 1));
  skald::query::TemplateScratch scratch;
  std::string out = "before";
  const skald::Status status = parsed->Execute(row, &scratch, &out);
  const bool intact = status.ok() ? out.compare(0, 6, "before") == 0 : out == "before";
  if (!intact) __builtin_trap();
  return 0;
}
