// Puts a thread behind everything else on the machine.
#pragma once

namespace skald::storage {

// Gives the calling thread the scheduler's and the disk's idle class, as far as the kernel lets it.
void SetIdlePriority();

}  // namespace skald::storage
