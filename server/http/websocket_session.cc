#include "server/http/websocket_session.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "server/http/slowest_reader.h"
#include "storage/base/log.h"
#include "storage/base/utf8.h"

namespace skald::http {
namespace {

namespace websocket = beast::websocket;

constexpr auto kPingInterval = std::chrono::seconds(1);
constexpr auto kHandshakeTimeout = std::chrono::seconds(10);
constexpr auto kSilenceTimeout = std::chrono::seconds(60);  // without even a pong
constexpr auto kGoodbyeTime = std::chrono::seconds(1);
constexpr size_t kMaxInputBytes = 64 << 10;
// What the system keeps of what was sent and not yet taken, so that a client that is slow but alive
// gets to see a ping before it is taken for dead.
constexpr int kSendBufferBytes = 256 << 10;
constexpr size_t kMaxReasonBytes = 123;
constexpr uint16_t kGoingAway = 1001;

}  // namespace

WebSocketSession::WebSocketSession(ClientStream* stream, std::unique_ptr<WebSocketSource> source,
                                   std::chrono::nanoseconds write_timeout)
    : socket_(*stream),
      timer_(stream->get_executor()),
      last_call_(stream->get_executor()),
      write_timeout_(write_timeout),
      write_timer_(stream->get_executor()),
      source_(std::move(source)),
      waker_(std::make_shared<Waker>()) {
  waker_->session = this;
  ErrorCode ignored;
  stream->socket().set_option(net::socket_base::send_buffer_size(kSendBufferBytes), ignored);
  websocket::stream_base::timeout timeouts{};
  timeouts.handshake_timeout = kHandshakeTimeout;
  timeouts.idle_timeout = kSilenceTimeout;
  timeouts.keep_alive_pings = true;  // a pong then counts as a sign of life
  socket_.set_option(timeouts);
  socket_.set_option(websocket::stream_base::decorator(
      [](websocket::response_type& response) { response.erase(beast::http::field::server); }));
  socket_.read_message_max(kMaxInputBytes);
  socket_.auto_fragment(false);
  socket_.text(true);
}

WebSocketSession::~WebSocketSession() { waker_->session = nullptr; }

Task<void> WebSocketSession::Run(const Head& head) {
  const auto accepted = co_await Accept(head);
  if (!accepted) co_return;
  reading_ = true;
  net::co_spawn(socket_.get_executor(), ReadMessages(), net::detached);
  try {
    co_await Serve();
  } catch (const std::exception& error) {
    SKALD_LOG(kError, "a WebSocket ended by an exception", {{"err", error.what()}});
  }
  source_.reset();
  co_await StopReading();
}

Task<void> WebSocketSession::Serve() {
  source_->Open(MakeWake());
  bool open = true;
  while (open) {
    const auto end = source_->Ending();  // what came before it is still sent
    const auto sent = co_await SendMessages();
    if (!ending_) ending_ = end;
    open = sent && !ending_ && !peer_gone_;
    if (open) {
      co_await WaitForWork();
      const auto pinged = co_await Ping();
      open = pinged;
    }
  }
  if (ending_ && !peer_gone_) {
    co_await Close();
  }
}

void WebSocketSession::Drain() {
  if (!ending_) ending_ = WebSocketClose{kGoingAway, "the server is shutting down"};
  woken_ = true;
  timer_.cancel();
  last_call_.expires_after(kGoodbyeTime);
  last_call_.async_wait([waker = waker_](const ErrorCode& error) {
    if (error || waker->session == nullptr) return;
    waker->session->HangUp();
  });
}

Task<bool> WebSocketSession::Accept(const Head& head) {
  const auto result = co_await socket_.async_accept(head, kResult);
  const auto& [error] = result;
  co_return !error;
}

Task<void> WebSocketSession::ReadMessages() {
  while (!peer_gone_) {
    const auto result = co_await socket_.async_read(input_, kResult);
    const auto& [error, bytes] = result;
    input_.clear();
    if (error) NoteEnd("read", error);
  }
  reading_ = false;
  timer_.cancel();
}

Task<bool> WebSocketSession::SendMessages() {
  auto message = source_->NextMessage();
  while (message && !ending_ && !peer_gone_) {
    const net::const_buffer bytes(message->data(), message->size());
    BeginWrite(message->size());
    const auto result = co_await socket_.async_write(bytes, kResult);
    EndWrite();
    const auto& [error, written] = result;
    if (error) NoteEnd("write", error);
    if (error) co_return false;
    message = source_->NextMessage();
  }
  co_return true;
}

Task<bool> WebSocketSession::Ping() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_ping_ || ending_ || peer_gone_) co_return !peer_gone_;
  next_ping_ = now + kPingInterval;
  const websocket::ping_data nothing;
  BeginWrite(0);
  const auto result = co_await socket_.async_ping(nothing, kResult);
  EndWrite();
  const auto& [error] = result;
  if (error) NoteEnd("ping", error);
  co_return !error;
}

Task<void> WebSocketSession::WaitForWork() {
  if (!woken_ && !ending_ && !peer_gone_) {
    timer_.expires_at(next_ping_);
    const auto result = co_await timer_.async_wait(kResult);
    static_cast<void>(result);
  }
  woken_ = false;
}

Task<void> WebSocketSession::Close() {
  std::string reason = ending_->reason.substr(0, kMaxReasonBytes);
  reason.resize(ValidUtf8Prefix(reason));  // no rune cut in two: clients would call that an error
  const auto code = static_cast<websocket::close_code>(ending_->code);
  const websocket::close_reason close(code, reason);
  const auto result = co_await socket_.async_close(close, kResult);
  static_cast<void>(result);
}

Task<void> WebSocketSession::StopReading() {
  peer_gone_ = true;
  socket_.next_layer().Cancel();
  while (reading_) {
    co_await net::post(kAwait);
  }
}

void WebSocketSession::BeginWrite(size_t bytes) {
  write_timer_.expires_after(write_timeout_ + SlowestReadTime(bytes));
  write_timer_.async_wait([waker = waker_, write = ++write_](const ErrorCode& error) {
    if (error || waker->session == nullptr || waker->session->write_ != write) return;
    SKALD_LOG(kDebug, "a WebSocket's client does not read", {});
    waker->session->HangUp();
  });
}

void WebSocketSession::EndWrite() {
  ++write_;
  write_timer_.cancel();
}

void WebSocketSession::HangUp() {
  peer_gone_ = true;
  socket_.next_layer().Close();
}

void WebSocketSession::NoteEnd(std::string_view what, const ErrorCode& error) {
  if (!peer_gone_ && error != websocket::error::closed) {
    SKALD_LOG(kDebug, "a WebSocket broke", {{"at", what}, {"err", error.message()}});
  }
  peer_gone_ = true;
}

std::function<void()> WebSocketSession::MakeWake() {
  return [home = socket_.get_executor(), waker = waker_] {
    if (waker->posted.exchange(true)) return;
    net::post(home, [waker] {
      waker->posted = false;
      if (waker->session == nullptr) return;
      waker->session->woken_ = true;
      waker->session->timer_.cancel();
    });
  };
}

}  // namespace skald::http
