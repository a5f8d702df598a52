// How many connections are taken at a time: each is a file descriptor, of which parts need some
// too.
#pragma once

#include <cstddef>
#include <cstdint>

namespace skald {

// `configured` (0: 10,000), or what is left of `descriptors` beside parts, the log and all else.
size_t FitConnections(uint32_t configured, size_t descriptors);

// The same for this process, as its limit is now. Logs what was lowered.
size_t MaxConnections(uint32_t configured);

}  // namespace skald
