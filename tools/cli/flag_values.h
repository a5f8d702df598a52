// Setters for flags: text to a typed option, with kingpin's error texts.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"

namespace skald::cli {

using Setter = std::function<Status(std::string_view)>;

Setter SetText(std::string* out);
Setter AppendText(std::vector<std::string>* out);
Setter SetSwitch(bool* out);
// A fraction is cut off, as logcli does.
Setter SetInteger(int64_t* out);
Setter SetSeconds(std::chrono::seconds* out);
// One of `choices`; anything else is `enum value must be one of a,b, got 'x'`.
Setter SetChoice(std::string* out, std::vector<std::string> choices);
// See ParseFlagDuration.
Setter SetDuration(std::chrono::nanoseconds* out);

// A Go duration that may also count days (24 h) and weeks.
StatusOr<std::chrono::nanoseconds> ParseFlagDuration(std::string_view text);

}  // namespace skald::cli
