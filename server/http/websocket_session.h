// A connection that has become a WebSocket: sends what its source has, pings, and listens for the
// client's end.
//
// What the client sends is read and ignored. A client that does not answer pings, or does not take
// a message in time, is hung up on.
#pragma once

#include <atomic>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "server/http/asio_types.h"
#include "server/http/client_stream.h"
#include "server/http/server_options.h"
#include "server/http/websocket.h"

namespace skald::http {

// Threads: owned by the network thread that the stream belongs to.
class WebSocketSession {
 public:
  using Head = beast::http::request<beast::http::string_body>;

  // `stream` must outlive the session. `write_timeout` is for each message, which may take
  // SlowestReadTime more.
  WebSocketSession(ClientStream* stream, std::unique_ptr<WebSocketSource> source,
                   std::chrono::nanoseconds write_timeout);
  ~WebSocketSession();
  WebSocketSession(const WebSocketSession&) = delete;
  WebSocketSession& operator=(const WebSocketSession&) = delete;

  // Answers the upgrade request `head` and serves the connection until it ends. The session and
  // `head` must outlive the coroutine.
  Task<void> Run(const Head& head);

  // Says good-bye to the client; the session ends when the client has answered, or a second later.
  void Drain();

 private:
  // The way from other threads to a session that may be gone.
  struct Waker {
    std::atomic<bool> posted{false};
    WebSocketSession* session = nullptr;  // the network thread's
  };

  Task<bool> Accept(const Head& head);
  Task<void> Serve();
  Task<void> ReadMessages();
  // Sends what there is; false when the connection is broken.
  Task<bool> SendMessages();
  Task<bool> Ping();
  Task<void> WaitForWork();
  Task<void> Close();
  Task<void> StopReading();

  // Around every write: hangs up if it takes too long for so many bytes.
  void BeginWrite(size_t bytes);
  void EndWrite();
  void HangUp();
  // The connection is of no more use.
  void NoteEnd(std::string_view what, const ErrorCode& error);

  std::function<void()> MakeWake();

  beast::websocket::stream<ClientStream&, false> socket_;
  Timer timer_;
  Timer last_call_;
  const std::chrono::nanoseconds write_timeout_;
  Timer write_timer_;
  uint64_t write_ = 0;  // the write that write_timer_ is for, if it is under way
  std::unique_ptr<WebSocketSource> source_;
  std::shared_ptr<Waker> waker_;
  beast::flat_buffer input_;
  std::optional<WebSocketClose> ending_;
  std::chrono::steady_clock::time_point next_ping_;
  bool reading_ = false;
  bool peer_gone_ = false;
  bool woken_ = false;
};

}  // namespace skald::http
