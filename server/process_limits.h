// What the process asks of the system before it does anything: files and a heap that stays small.
#pragma once

namespace skald {

// Call once, before threads are started.
void SetProcessLimits();

}  // namespace skald
