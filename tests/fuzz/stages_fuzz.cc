// Fuzzes pipelines over lines: the text before the first NUL is what follows a selector, the rest
// are lines, each ended by a newline. Every pipeline compiles or is refused, and every row leaves.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "query/stage/pipeline.h"
#include "query/syntax/parser.h"

namespace {

using namespace skald;
using namespace skald::query;

constexpr size_t kMaxRows = 64;

void AddLines(std::string_view text, Batch* batch) {
  while (!text.empty() && batch->lines.size() < kMaxRows) {
    const size_t end = text.find('\n');
    batch->selection.push_back(static_cast<uint32_t>(batch->lines.size()));
    batch->timestamps.push_back(1);
    batch->stream_of.push_back(0);
    batch->lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t end = input.find('\0');
  const auto query = ParseQuery(StrCat("{app=\"web\"} ", input.substr(0, end)));
  if (!query.ok() || query->log() == nullptr || end == std::string_view::npos) return 0;
  const auto pipeline = Pipeline::Compile(*query->log(), PipelineOptions());
  if (!pipeline.ok()) return 0;
  const std::vector<StreamPtr> streams = {
      std::make_shared<const Stream>(LabelSet::FromPairs({{"app", "web"}}))};
  Batch batch;
  batch.Reset(streams);
  AddLines(input.substr(end + 1), &batch);
  for (const LineCondition& condition : (*pipeline)->line_conditions()) {
    for (const std::string_view line : batch.lines) condition.matcher->Matches(line);
  }
  (*pipeline)->Run(&batch).IgnoreError();
  for (const uint32_t row : batch.selection) {
    if (row >= batch.lines.size()) __builtin_trap();
  }
  return 0;
}
