// What a template sees of one log line.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "storage/base/arena.h"
#include "storage/model/labels.h"

namespace skald::query {

// Views handed out live until the execution ends. Threads: used by one execution at a time.
class TemplateContext {
 public:
  virtual ~TemplateContext() = default;

  // The value of a label; empty when it is absent.
  virtual std::string_view Label(std::string_view name) const = 0;

  // All labels, sorted by name, no name twice; called at most once per execution and only by
  // templates whose fields() is nullopt. `arena` may hold the array.
  virtual std::span<const LabelView> AllLabels(Arena* arena) const = 0;

  virtual std::string_view line() const = 0;
  virtual int64_t timestamp_ns() const = 0;
  // The time of the query, for `now` and `date`.
  virtual int64_t now_ns() const = 0;
};

}  // namespace skald::query
