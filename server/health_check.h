// The -health flag: asks a running server whether it is ready, for containers without curl.
#pragma once

#include <string>

namespace skald {

// 0 and "Loki is healthy" on standard output when a GET of `url` (http://host:port/path) answers
// 200 within a few seconds, else 1 with the reason on standard error.
int CheckHealth(const std::string& url);

}  // namespace skald
