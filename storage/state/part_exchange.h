// What the background work needs of the engine whose parts it replaces or removes.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "storage/base/status.h"
#include "storage/catalog/catalog_state.h"
#include "storage/state/stored_state.h"

namespace skald::storage {

// Threads: thread-safe.
class PartExchange {
 public:
  virtual ~PartExchange() = default;

  virtual std::shared_ptr<const StoredState> CurrentState() const = 0;
  // The time of the newest row, also of those in memory; nothing: there is none.
  virtual std::optional<int64_t> NewestTime() const = 0;

  // Makes the edit durable, then shows `added` in place of `removed` (both of one tenant); the
  // files of the latter go when the last snapshot that shows them does. On error nothing changed,
  // but the edit's fate may be open: see Manifest::Apply.
  virtual Status Exchange(const CatalogEdit& edit, const std::vector<PartPtr>& removed,
                          const std::vector<std::shared_ptr<Part>>& added) = 0;
};

}  // namespace skald::storage
