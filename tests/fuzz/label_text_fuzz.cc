// Fuzzes label text: what parses has a canonical text, and that parses to the same labels.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/str_replace.h"
#include "storage/model/label_parser.h"
#include "storage/model/labels.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace skald;
  auto pairs = ParseLabelText({reinterpret_cast<const char*>(data), size});
  if (!pairs.ok()) return 0;
  const LabelSet labels = LabelSet::FromPairs(*std::move(pairs));
  // Go prints U+FFFD as it is, and Prometheus reads it only as an escape.
  const std::string text = absl::StrReplaceAll(labels.ToString(), {{"\uFFFD", "\\ufffd"}});
  auto again = ParseLabelText(text);
  if (!again.ok() || LabelSet::FromPairs(*std::move(again)) != labels) __builtin_trap();
  return 0;
}
