// What a service puts behind a WebSocket: a source of messages that the transport sends.
//
// A response with a source (Response::websocket) is answered by an upgrade. The transport takes a
// message when the client is ready for the next one, so what waits for a slow client waits in the
// source, which bounds it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "server/http/request.h"
#include "storage/base/status.h"

namespace skald::http {

// How a WebSocket ends. The reason has at most 123 bytes.
struct WebSocketClose {
  uint16_t code = 1000;
  std::string reason;
};

// Destroyed when the connection ends, from either side. Threads: the network thread's; must not
// block there.
class WebSocketSource {
 public:
  virtual ~WebSocketSource() = default;

  // Called once, before the methods below. `wake` has the transport ask again; it may be called
  // from any thread, until the source is destroyed.
  virtual void Open(std::function<void()> wake) = 0;

  // The next text message, if there is one now.
  virtual std::optional<std::string> NextMessage() = 0;

  // Set once the source has ended; asked when there are no more messages.
  virtual std::optional<WebSocketClose> Ending() = 0;
};

// True if the request can become a WebSocket of version 13.
bool IsWebSocketUpgrade(const Request& request);

}  // namespace skald::http
