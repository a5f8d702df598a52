// Fuzzes label text: what parses has a canonical text, and that parses to the same labels. Names
// that need quotes are left out: the canonical text quotes no names.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "storage/model/label_parser.h"
#include "storage/model/labels.h"

namespace {

bool IsPlain(std::string_view name) {
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_';
         });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace skald;
  auto pairs = ParseLabelText({reinterpret_cast<const char*>(data), size});
  if (!pairs.ok()) return 0;
  const LabelSet labels = LabelSet::FromPairs(*std::move(pairs));
  for (size_t i = 0; i < labels.size(); ++i) {
    if (!IsPlain(labels[i].name)) return 0;
  }
  auto again = ParseLabelText(labels.ToString());
  if (!again.ok() || LabelSet::FromPairs(*std::move(again)) != labels) __builtin_trap();
  return 0;
}
