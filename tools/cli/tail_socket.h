// The WebSocket connection of a tail.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"
#include "tools/cli/options.h"

namespace skald::cli {

// Connects to `url` (http or https) and hands over each text frame until an end comes: OK on an
// interrupt (SIGINT, SIGTERM) or when the server closed the connection in the regular way,
// Unavailable when the connection was lost after it had been made, Aborted when the server closed
// it with a reason, otherwise what went wrong or what `on_frame` returned. Not for use by several
// threads: it handles signals.
Status ReadTail(const ConnectionOptions& options, const std::string& url,
                const std::vector<std::string>& headers,
                const std::function<Status(std::string_view)>& on_frame);

}  // namespace skald::cli
