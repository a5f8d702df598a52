// Memory and caches that executions of templates reuse from row to row.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "query/template/template_value.h"
#include "re2/re2.h"
#include "storage/base/arena.h"
#include "storage/base/status.h"

namespace skald::query {

struct TemplateVariable {
  std::string_view name;  // with its dollar sign
  Value value;
};

// Keep one per worker and hand it to every execution; its contents mean nothing in between.
//
// Threads: externally synchronised.
struct TemplateScratch {
  Arena arena;
  std::string text;  // a function's result while it is built
  std::vector<TemplateVariable> variables;
  // What is left of the execution's budget; see SpendWork.
  int64_t work_left = 0;
  // What executions have spent since TakeWork: bytes handled, and a price for each node.
  uint64_t work = 0;
  uint64_t TakeWork() { return std::exchange(work, 0); }

  // Regexes and time zones that came out of rows; both are emptied when full.
  StringMap<StatusOr<std::shared_ptr<const RE2>>> regexes;
  StringMap<absl::TimeZone> zones;
};

}  // namespace skald::query
