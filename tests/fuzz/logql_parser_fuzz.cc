// Fuzzes the LogQL parser: every text gets an answer, and what is printed can be printed again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "query/syntax/parser.h"
#include "query/syntax/printer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace skald::query;
  const auto query = ParseQuery(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!query.ok()) return 0;
  ParseQuery(PrettyPrint(*query)).IgnoreError();
  const auto again = ParseQuery(Print(*query));
  if (again.ok() && Print(*again) != Print(*query)) __builtin_trap();
  return 0;
}
