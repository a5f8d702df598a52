// Whoever wants to see rows as they are stored, such as tails.
#pragma once

#include <span>
#include <string_view>

#include "storage/model/row.h"

namespace skald::ingest {

// Threads: thread-safe; called by the threads that push.
class PushObserver {
 public:
  virtual ~PushObserver() = default;
  // Called once the rows of a push are visible to queries. Must be short and not block; nothing of
  // the arguments may be kept.
  virtual void OnStored(std::string_view tenant, std::span<const StreamRows> rows) = 0;
};

}  // namespace skald::ingest
