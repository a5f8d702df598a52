// One client's connection as a stream of bytes, plain or TLS: Asio's AsyncReadStream and
// AsyncWriteStream, so that whoever reads and writes need not know which of the two it is.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "server/http/asio_types.h"

namespace skald::http {

// Threads: owned by the network thread that the socket belongs to.
class ClientStream {
 public:
  using executor_type = Executor;

  // Speaks TLS by `tls`, or none if that is null.
  ClientStream(Socket socket, std::shared_ptr<net::ssl::context> tls)
      : tcp_(std::move(socket)), tls_context_(std::move(tls)) {
    if (tls_context_ != nullptr) tls_.emplace(tcp_, *tls_context_);
  }
  ClientStream(const ClientStream&) = delete;
  ClientStream& operator=(const ClientStream&) = delete;

  executor_type get_executor() { return tcp_.get_executor(); }
  Socket& socket() { return tcp_.socket(); }
  // The bytes as they travel.
  Stream& tcp() { return tcp_; }
  bool is_tls() const { return tls_.has_value(); }

  // What is under way, and what begins later, fails when the time is over.
  void ExpiresAfter(std::chrono::nanoseconds time) { tcp_.expires_after(time); }
  void ExpiresNever() { tcp_.expires_never(); }
  // Ends what is under way.
  void Cancel() { tcp_.cancel(); }
  void Close() { tcp_.close(); }

  template <typename Buffers, typename Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    if (tls_) return tls_->async_read_some(buffers, std::forward<Token>(token));
    return tcp_.async_read_some(buffers, std::forward<Token>(token));
  }
  template <typename Buffers, typename Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    if (tls_) return tls_->async_write_some(buffers, std::forward<Token>(token));
    return tcp_.async_write_some(buffers, std::forward<Token>(token));
  }

  // The first and the last words of TLS. REQUIRES: is_tls().
  template <typename Token>
  auto AsyncHandshake(Token&& token) {
    return tls_->async_handshake(net::ssl::stream_base::server, std::forward<Token>(token));
  }
  template <typename Token>
  auto AsyncShutdown(Token&& token) {
    return tls_->async_shutdown(std::forward<Token>(token));
  }

  // How a WebSocket ends the connection, and how it gives it up; Beast finds them by their names.
  template <typename Handler>
  friend void async_teardown(beast::role_type role, ClientStream& stream, Handler&& handler) {
    using beast::websocket::async_teardown;
    if (stream.tls_) return async_teardown(role, *stream.tls_, std::forward<Handler>(handler));
    async_teardown(role, stream.tcp_.socket(), std::forward<Handler>(handler));
  }
  friend void beast_close_socket(ClientStream& stream) { stream.Close(); }

 private:
  Stream tcp_;
  std::shared_ptr<net::ssl::context> tls_context_;
  std::optional<beast::ssl_stream<Stream&>> tls_;
};

}  // namespace skald::http
