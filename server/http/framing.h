// Whether a request says without doubt where its body ends.
//
// Two servers that see different ends take the same bytes for different requests, which is how
// requests are smuggled past a proxy. What the standard lets a server repair is refused here.
#pragma once

#include <string_view>

#include "server/http/request.h"

namespace skald::http {

struct FramingError {
  int status = 0;  // of HTTP; 0: nothing is wrong
  std::string_view detail;
};

// Judges Host, Content-Length and Transfer-Encoding of a request's head.
FramingError CheckFraming(const Request& head);

}  // namespace skald::http
