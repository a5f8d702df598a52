// How fast background work may go.
#pragma once

#include "storage/base/status.h"

namespace skald::storage {

class Pace {
 public:
  virtual ~Pace() = default;
  // Called between any two blocks of work; may wait for others to get ahead. Cancelled: stop.
  virtual Status BetweenBlocks() = 0;
};

}  // namespace skald::storage
