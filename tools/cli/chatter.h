// What the tool says beside its answers: to standard error, with date and time before it.
#pragma once

#include <string_view>

namespace skald::cli {

// Writes `2026/11/21 05:10:13 <message>` and a newline unless the message ends with one.
// Threads: thread-safe.
void Say(std::string_view message);

}  // namespace skald::cli
