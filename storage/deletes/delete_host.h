// What delete requests need of the engine.
#pragma once

#include "absl/functional/function_ref.h"
#include "storage/base/status.h"
#include "storage/model/ids.h"
#include "storage/state/stored_state.h"

namespace skald::storage {

// Threads: thread-safe.
class DeleteHost {
 public:
  virtual ~DeleteHost() = default;

  // Parts what has been appended from what will be: rows logged up to the returned position are in
  // parts when this returns, later rows have greater positions. `change` is called with the
  // position before any later row can reach a part, and changes what readers see. Unavailable:
  // closed, or the flush failed; `change` may have been called.
  virtual StatusOr<LogPosition> Fence(
      absl::FunctionRef<void(LogPosition position, StoredState* state)> change) = 0;

  // Replaces what readers see.
  virtual void ChangeState(absl::FunctionRef<void(StoredState* state)> change) = 0;
};

}  // namespace skald::storage
