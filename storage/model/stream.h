// A stream: one label set of a tenant, and its id.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "storage/model/ids.h"
#include "storage/model/labels.h"

namespace skald {

// Threads: immutable; shared by pointer between caches, memtables and queries.
struct Stream {
  explicit Stream(LabelSet set)
      : labels(std::move(set)), text(labels.text()), id(StreamIdOf(text)) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Has the beginning of the text brought into the processor's cache, and where before it names and
  // values are.
  void PrefetchLabels() const {
    __builtin_prefetch(text.data());
    __builtin_prefetch(text.data() - 64);
  }

  const LabelSet labels;
  const std::string_view text;  // labels.text()
  const StreamId id;            // StreamIdOf(text)
};

using StreamPtr = std::shared_ptr<const Stream>;

}  // namespace skald
