// Whether colours may be used.
#pragma once

namespace skald::cli {

// The file is a terminal that shows colours, and NO_COLOR is unset or empty.
bool ShowsColors(int file);

}  // namespace skald::cli
