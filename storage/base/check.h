// Checks for programmer errors. Never on user input or on bytes read from disk.
#pragma once

namespace skald {
// Prints the failed condition with its place to standard error and aborts.
[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);
}  // namespace skald

#define SKALD_CHECK(condition)                               \
  (__builtin_expect(!!(condition), 1) ? static_cast<void>(0) \
                                      : ::skald::CheckFailed(#condition, __FILE__, __LINE__))
#ifdef NDEBUG
#define SKALD_DCHECK(condition) static_cast<void>(sizeof(!(condition)))
#else
#define SKALD_DCHECK(condition) SKALD_CHECK(condition)
#endif
