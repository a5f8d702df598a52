#include "query/stage/decolorize.h"

#include "storage/base/check.h"
#include "storage/base/substring_search.h"
#include "storage/model/go_regex.h"

namespace skald::query {
namespace {

// ESC or U+009B, an introducer, then either a text that BEL ends or parameters and a final byte.
constexpr std::string_view kSequence =
    R"([\x{1b}\x{9b}][[\]()#;?]*(?:(?:(?:[a-zA-Z\d]*(?:;[a-zA-Z\d]*)*)?\x{07}))"
    R"(|(?:(?:\d{1,4}(?:;\d{0,4})*)?[\dA-PRZcf-ntqry=><~])))";

bool MayHoldSequence(std::string_view line) {
  return line.find('\x1b') != std::string_view::npos ||
         FindSubstring(line, "\xC2\x9B") != std::string_view::npos;
}

}  // namespace

Decolorizer::Decolorizer() {
  StatusOr<std::shared_ptr<const RE2>> compiled = CompileGoRegex(kSequence);
  SKALD_CHECK(compiled.ok());
  sequences_ = *std::move(compiled);
}

Status Decolorizer::Apply(Batch* batch) {
  return batch->ForEachRow([&](uint32_t row) {
    std::string_view& line = batch->lines[row];
    if (!MayHoldSequence(line)) return;
    scratch_.assign(line);
    if (RE2::GlobalReplace(&scratch_, *sequences_, "") > 0) line = batch->arena()->Copy(scratch_);
  });
}

}  // namespace skald::query
