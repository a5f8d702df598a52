// What a request's head says, once Beast has parsed it.
#pragma once

#include <boost/beast/http/message.hpp>

#include "server/http/asio_types.h"
#include "server/http/framing.h"
#include "server/http/request.h"

namespace skald::http {

// Fills method, target, version, headers, path and query of `request` from `head`. A status other
// than 0 says what is wrong with it.
FramingError ReadRequestHead(const beast::http::request_header<>& head, Request* request);

}  // namespace skald::http
