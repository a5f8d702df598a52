// What the tool says beside its answers: to standard error, with date and time before it.
#pragma once

#include <string_view>

namespace skald::cli {

// Writes `2026/11/21 05:10:13 <message>` and a newline unless the message ends with one.
// Threads: thread-safe.
void Say(std::string_view message);

// Shows one line of progress on the terminal, in place of the last one, until something else is
// said. Nothing is shown when standard error is no terminal, nor more than ten times a second.
// Threads: thread-safe.
void ShowProgress(std::string_view text);
// Takes the progress line away.
void EndProgress();

}  // namespace skald::cli
