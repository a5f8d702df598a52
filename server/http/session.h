// One client's connection: reads requests, has the service answer them, writes the answers, in
// order, until one side has had enough.
//
// A request is read only after the one before it was answered, so pipelined requests wait in the
// kernel's buffers. Whatever cannot be read as HTTP is answered as Go's server does and ends the
// connection.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "server/http/asio_types.h"
#include "server/http/client_stream.h"
#include "server/http/peer_watch.h"
#include "server/http/server_options.h"
#include "server/http/service.h"
#include "server/http/websocket_session.h"

namespace skald::http {

// Threads: owned by the network thread that the socket belongs to.
class Session {
 public:
  // Speaks TLS by `tls`, or none if that is null. `service` and `options` must outlive the session.
  Session(Socket socket, std::shared_ptr<net::ssl::context> tls, Service* service,
          const ServerOptions& options);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Serves the connection until it ends. The session must outlive the coroutine.
  Task<void> Run();

  // Lets the request in hand be the last one; ends an idle connection now.
  void Drain();
  // Since when the connection has waited for a request; nothing while there is one, or when the
  // connection is about to end.
  std::optional<std::chrono::steady_clock::time_point> IdleSince() const;
  // Ends the connection now; the request in hand is told to stop.
  void Abort();

 private:
  using Parser = beast::http::request_parser<beast::http::string_body>;
  // What to do after a step of reading.
  enum class Next {
    kGoOn,
    kAnswer,  // write response_, then close: the rest of the request was not read
    kClose,
  };

  // The first and the last words of TLS, if it is spoken. Handshake is false when there is no
  // talking to the client.
  Task<bool> Handshake();
  Task<void> SayGoodbye();

  // Each serves one phase of a request.
  Task<bool> ServeRequest();
  Task<bool> AwaitRequest();
  Task<Next> ReadHead();
  Task<Next> VerifyClient();
  Task<std::optional<Response>> AskVerification();
  Task<Next> ReadBody();
  Task<Next> ReadPlainBody(uint64_t length);
  Task<Next> ReadChunkedBody();
  Task<bool> SendContinue();
  Task<bool> Write();
  // Answers by an upgrade and serves the WebSocket.
  Task<void> ServeWebSocket();
  // Reads what the client still sends, so that the answer is not lost with the connection.
  Task<void> Linger();
  // Takes bytes from the budget into request_.memory; false after waiting in vain.
  Task<bool> ReserveMemory(uint64_t bytes);
  Task<Response> HandleRequest();
  Task<Response> AskService();
  // Has the exchange's query stopped when the client leaves.
  void WatchPeer();
  Task<void> StopWatching();

  // Lets go of the last request.
  void BeginRequest();
  // Lets go of what the answer does not need while the client takes its time.
  void ForgetRequest();
  // Gives back what the buffer has beyond its contents.
  void ShrinkBuffer();

  // What was read and not taken.
  std::string_view Unread() const;
  Status ChargeHead();
  Next ParseHead(size_t size);
  Next TakeHead();
  Next RefuseBroken(const ErrorCode& error);
  Next RefuseProtocol(int status, std::string_view detail);
  Next RefuseBody(const Status& error);
  // True if a body of so many bytes is too long.
  bool IsTooLong(uint64_t bytes) const;
  Status TooLong(uint64_t bytes) const;

  ClientStream stream_;
  Timer timer_;
  PeerWatch peer_watch_;
  Service* const service_;
  const ServerOptions& options_;
  beast::flat_buffer buffer_;  // read, not yet taken

  bool idle_ = true;
  std::chrono::steady_clock::time_point idle_since_ = std::chrono::steady_clock::now();
  bool is_first_ = true;  // no request has come yet
  bool draining_ = false;
  bool keep_alive_ = true;

  // The request in hand.
  std::optional<Parser> parser_;
  Request request_;
  std::unique_ptr<Exchange> exchange_;
  Response response_;
  std::optional<WebSocketSession> websocket_;  // what the connection has become
};

// Serves the connection, whose session it owns, then calls `ended` once the session is gone.
Task<void> RunSession(std::unique_ptr<Session> session, absl::AnyInvocable<void()> ended);

}  // namespace skald::http
