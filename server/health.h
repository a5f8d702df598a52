// The container health check: asks a running server whether it is ready.
#pragma once

#include <string>

#include "storage/base/status.h"

namespace skald {

// OK when `url` (http:// or https://, whose certificate is not verified) answers 200 within a few
// seconds.
Status CheckHealth(const std::string& url);

}  // namespace skald
