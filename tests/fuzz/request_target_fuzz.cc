// Fuzzes request targets: a cleaned path is absolute and stays what it is when cleaned again.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/http/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace skald::http;
  const auto target = ParseTarget({reinterpret_cast<const char*>(data), size});
  if (!target.ok()) return 0;
  const std::string clean = CleanPath(target->path);
  if (clean.empty() || clean[0] != '/' || CleanPath(clean) != clean) __builtin_trap();
  if (clean.find("/../") != std::string::npos) __builtin_trap();
  EncodePath(clean);
  Form form;
  form.Add(target->query).IgnoreError();
  form.Get("query");
  return 0;
}
