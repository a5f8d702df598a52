// One HTTP response, and its head as bytes.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http/text.h"
#include "server/http/websocket.h"

namespace skald::http {

// Threads: externally synchronised. Movable.
struct Response {
  int status = 200;
  std::string content_type;  // empty: no such header
  // Beside Date, Content-Type, Content-Length and Connection.
  std::vector<std::pair<std::string, std::string>> headers;
  Text body;
  // If set, the answer is an upgrade, and nothing of the above is sent. REQUIRES: the request
  // IsWebSocketUpgrade.
  std::unique_ptr<WebSocketSource> websocket;
};

// The words that go with a status, as Go writes them; empty for a status without.
std::string_view StatusText(int status);

// Everything up to and with the empty line. `minor_version` is the request's; `date` the value of
// the Date header.
std::string SerializeHead(const Response& response, int minor_version, bool keep_alive,
                          std::string_view date);

// `Sat, 21 Nov 2026 04:21:30 GMT`.
std::string HttpDate(int64_t unix_seconds);

}  // namespace skald::http
