// Fuzzes label text: what parses has a canonical text, and that parses to the same labels.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "storage/model/label_parser.h"
#include "storage/model/labels.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace skald;
  auto pairs = ParseLabelText({reinterpret_cast<const char*>(data), size});
  if (!pairs.ok()) return 0;
  const LabelSet labels = LabelSet::FromPairs(*std::move(pairs));
  auto again = ParseLabelText(labels.ToString());
  // A name that only quoting allows does not survive the canonical text, which quotes no names.
  if (again.ok() && LabelSet::FromPairs(*std::move(again)) != labels) __builtin_trap();
  return 0;
}
