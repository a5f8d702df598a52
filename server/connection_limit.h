// How many connections are taken at a time: each is a file descriptor, of which parts need some
// too, and memory that no budget counts.
#pragma once

#include <cstddef>
#include <cstdint>

namespace skald {

// How many connections an eighth of `memory_limit` bytes suffices for, 10,000 at most.
size_t ConnectionsByMemory(uint64_t memory_limit, bool tls);

// `wanted`, or what is left of `descriptors` beside parts, the log and all else.
size_t FitConnections(size_t wanted, size_t descriptors);

// `configured` (0: as many as there is memory for), as far as this process has descriptors now.
// Logs what was lowered.
size_t MaxConnections(uint32_t configured, uint64_t memory_limit, bool tls);

}  // namespace skald
