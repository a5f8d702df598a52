#include "server/http/session.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/buffers_iterator.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/read_size.hpp>
#include <boost/beast/http/read.hpp>
#include <exception>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "server/http/head_scanner.h"
#include "server/http/request_head.h"
#include "server/http/slowest_reader.h"
#include "storage/base/ascii.h"
#include "storage/base/log.h"

namespace skald::http {
namespace {

namespace bhttp = beast::http;

constexpr uint64_t kMemoryStep = 256 << 10;  // a chunked body is charged in such steps, doubling
constexpr size_t kFreeHeadBytes = 64 << 10;  // of a head, not charged
constexpr size_t kHeadCopies = 3;            // as read, as parsed, as a request
constexpr size_t kMaxHeadLines = 500;
constexpr size_t kReadAhead = 128 << 10;  // beyond a head, in one buffer
constexpr size_t kKeptBuffer = 8 << 10;   // that an idle connection may have, not charged
constexpr size_t kLingerPiece = 16 << 10;
constexpr auto kLingerTime = std::chrono::seconds(2);
// A body holds its memory from the start, so its client must not stand still.
constexpr size_t kBodyPiece = 64 << 10;
constexpr std::chrono::nanoseconds kStallTime = std::chrono::seconds(5);  // for each piece
constexpr auto kMemoryPoll = std::chrono::milliseconds(20);
constexpr std::chrono::nanoseconds kHandshakeTime = std::chrono::seconds(10);
constexpr auto kGoodbyeTime = std::chrono::seconds(1);

// What Go's server says to a client that does not know it must speak TLS.
constexpr std::string_view kNeedsTls =
    "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";

bool IsHttpError(const ErrorCode& error) {
  return error.category() == bhttp::make_error_code(bhttp::error::bad_method).category();
}

bool IsPlainHttp(const ErrorCode& handshake_error) {
  return handshake_error.category() == net::error::get_ssl_category() &&
         ERR_GET_REASON(static_cast<unsigned long>(handshake_error.value())) == SSL_R_HTTP_REQUEST;
}

// The time until the deadline, but at most `most`.
std::chrono::nanoseconds TimeUntil(std::chrono::steady_clock::time_point deadline,
                                   std::chrono::nanoseconds most) {
  const std::chrono::nanoseconds left = deadline - std::chrono::steady_clock::now();
  return std::clamp<std::chrono::nanoseconds>(left, std::chrono::nanoseconds(0), most);
}

// When a client that reads as slowly as is borne has read so many bytes.
std::chrono::steady_clock::time_point SlowestEnd(size_t bytes, std::chrono::nanoseconds grace) {
  return std::chrono::steady_clock::now() + grace + SlowestReadTime(bytes);
}

// Empties a container and frees its memory, which assigning an empty one need not do.
template <typename Container>
void Free(Container* values) {
  Container().swap(*values);
}

std::string PeerName(const Socket& socket) {
  ErrorCode error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return "";
  return StrCat(endpoint.address().to_string(), ":", endpoint.port());
}

}  // namespace

Session::Session(Socket socket, std::shared_ptr<net::ssl::context> tls, Service* service,
                 const ServerOptions& options)
    : stream_(std::move(socket), std::move(tls)),
      timer_(stream_.get_executor()),
      peer_watch_(&stream_.socket()),
      service_(service),
      options_(options),
      buffer_(options.max_head_bytes + kReadAhead) {}

Task<void> Session::Run() {
  try {
    const auto greeted = co_await Handshake();
    bool open = greeted;
    while (open) {
      const auto served = co_await ServeRequest();
      open = served && !draining_;
    }
    if (greeted) {
      co_await SayGoodbye();
    }
  } catch (const std::exception& error) {
    SKALD_LOG(kError, "connection ended by an exception", {{"err", error.what()}});
  }
  ErrorCode ignored;
  stream_.socket().close(ignored);
}

Task<bool> Session::Handshake() {
  if (!stream_.is_tls()) co_return true;
  stream_.ExpiresAfter(std::min(options_.read_timeout, kHandshakeTime));
  const auto result = co_await stream_.AsyncHandshake(kResult);
  const auto& [error] = result;
  if (!error) co_return true;
  SKALD_LOG(kDebug, "TLS handshake failed",
            {{"peer", PeerName(stream_.socket())}, {"err", error.message()}});
  if (IsPlainHttp(error)) {
    const net::const_buffer text = net::buffer(kNeedsTls);
    const auto written = co_await net::async_write(stream_.tcp(), text, kResult);
    static_cast<void>(written);
  }
  co_return false;
}

Task<void> Session::SayGoodbye() {
  if (!stream_.is_tls()) co_return;
  stream_.ExpiresAfter(kGoodbyeTime);
  const auto result = co_await stream_.AsyncShutdown(kResult);
  static_cast<void>(result);
}

void Session::Drain() {
  draining_ = true;
  if (idle_) stream_.Cancel();
  if (websocket_) websocket_->Drain();
}

std::optional<std::chrono::steady_clock::time_point> Session::IdleSince() const {
  if (!idle_ || draining_) return std::nullopt;
  return idle_since_;
}

void Session::Abort() {
  draining_ = true;
  if (exchange_ != nullptr && exchange_->stop_token() != nullptr) {
    exchange_->stop_token()->RequestStop();
  }
  timer_.cancel();
  stream_.Close();
}

Task<bool> Session::ServeRequest() {
  BeginRequest();
  const auto arrived = co_await AwaitRequest();
  if (!arrived) co_return false;

  Next next = Next::kGoOn;
  const auto head = co_await ReadHead();
  next = head;
  if (next == Next::kGoOn && exchange_ != nullptr && exchange_->must_verify()) {
    const auto verified = co_await VerifyClient();
    next = verified;
  }
  if (next == Next::kGoOn) {
    const auto body = co_await ReadBody();
    next = body;
  }
  if (next == Next::kClose) co_return false;
  if (next == Next::kAnswer) {
    keep_alive_ = false;
  } else if (exchange_ != nullptr) {
    auto response = co_await HandleRequest();
    response_ = std::move(response);
    ForgetRequest();
  }
  if (response_.websocket != nullptr) {
    co_await ServeWebSocket();
    co_return false;
  }
  if (draining_) keep_alive_ = false;
  const auto written = co_await Write();
  response_ = Response();  // nothing of it is kept while the client thinks of its next request
  if (written && next == Next::kAnswer) {
    co_await Linger();
  }
  co_return written&& keep_alive_;
}

void Session::BeginRequest() {
  const Request last = std::exchange(request_, Request());  // with all that it held
  request_.memory = Reservation(options_.memory);
  exchange_.reset();
  parser_.reset();
  ShrinkBuffer();
}

void Session::ForgetRequest() {
  Free(&request_.target);
  Free(&request_.path);
  Free(&request_.query);
  Free(&request_.headers);
  Free(&request_.body);
  ShrinkBuffer();
  if (response_.websocket != nullptr) return;  // which is accepted by the head as it was parsed
  parser_.reset();
  request_.memory.Release();
}

void Session::ShrinkBuffer() {
  if (buffer_.capacity() > buffer_.size() + kKeptBuffer) buffer_.shrink_to_fit();
}

Task<bool> Session::AwaitRequest() {
  if (buffer_.size() > 0 || draining_) co_return !draining_;
  idle_ = true;
  idle_since_ = std::chrono::steady_clock::now();
  stream_.ExpiresAfter(is_first_ ? std::min(options_.idle_timeout, options_.head_timeout)
                                 : options_.idle_timeout);
  is_first_ = false;
  const auto space = buffer_.prepare(4096);
  const auto result = co_await stream_.async_read_some(space, kResult);
  const auto& [error, bytes] = result;
  idle_ = false;
  buffer_.commit(bytes);
  co_return !error;
}

Task<Session::Next> Session::ReadHead() {
  HeadScanner scanner(kMaxHeadLines);
  stream_.ExpiresAfter(options_.head_timeout);
  auto state = scanner.Scan(Unread());
  while (state == HeadScanner::State::kMore) {
    if (buffer_.size() >= options_.max_head_bytes) co_return RefuseProtocol(431, "");
    const size_t size = beast::read_size(buffer_, kReadAhead);
    const auto space = buffer_.prepare(size);
    const auto result = co_await stream_.async_read_some(space, kResult);
    const auto& [error, bytes] = result;
    if (error) co_return Next::kClose;
    buffer_.commit(bytes);
    if (!ChargeHead().ok()) co_return RefuseProtocol(503, "");
    state = scanner.Scan(Unread());
  }
  if (state == HeadScanner::State::kMalformed) co_return RefuseProtocol(400, "");
  if (state == HeadScanner::State::kTooLarge || scanner.size() > options_.max_head_bytes) {
    co_return RefuseProtocol(431, "");
  }
  co_return ParseHead(scanner.size());
}

std::string_view Session::Unread() const {
  return {static_cast<const char*>(buffer_.data().data()), buffer_.size()};
}

Status Session::ChargeHead() {
  const uint64_t held = kHeadCopies * buffer_.capacity();
  const uint64_t charged = request_.memory.bytes();
  if (held <= kFreeHeadBytes || held <= charged) return absl::OkStatus();
  return request_.memory.Grow(held - charged);
}

Session::Next Session::ParseHead(size_t size) {
  parser_.emplace();
  parser_->header_limit(options_.max_head_bytes);
  parser_->body_limit(boost::none);
  ErrorCode error;
  const size_t taken = parser_->put(net::buffer(Unread().data(), size), error);
  if (error) return RefuseBroken(error);
  buffer_.consume(taken);
  return TakeHead();
}

Session::Next Session::TakeHead() {
  const auto& head = parser_->get();
  request_.peer = PeerName(stream_.socket());
  keep_alive_ = head.keep_alive();
  if (const FramingError error = ReadRequestHead(head, &request_); error.status != 0) {
    return RefuseProtocol(error.status, error.detail);
  }

  const std::string_view expected = request_.Header("Expect");
  if (!expected.empty() && !EqualsIgnoreCase(expected, "100-continue")) {
    response_ = Response();
    response_.status = 417;
    return Next::kAnswer;
  }
  Admission admission = service_->Admit(request_);
  exchange_ = std::move(admission.exchange);
  if (exchange_ != nullptr) return Next::kGoOn;
  response_ = std::move(admission.response);
  return parser_->is_done() ? Next::kGoOn : Next::kAnswer;
}

Task<Session::Next> Session::VerifyClient() {
  auto refusal = co_await AskVerification();
  if (!refusal) co_return Next::kGoOn;
  response_ = *std::move(refusal);
  exchange_.reset();
  co_return parser_->is_done() ? Next::kGoOn : Next::kAnswer;
}

Task<std::optional<Response>> Session::AskVerification() {
  auto start = [this](auto handler) {
    auto done = [home = stream_.get_executor(),
                 handler = std::move(handler)](std::optional<Response> refusal) mutable {
      net::post(home, [handler = std::move(handler), refusal = std::move(refusal)]() mutable {
        std::move(handler)(std::move(refusal));
      });
    };
    exchange_->Verify(std::move(done));
  };
  return net::async_initiate<const net::use_awaitable_t<Executor>, void(std::optional<Response>)>(
      std::move(start), kAwait);
}

Task<Session::Next> Session::ReadBody() {
  const auto length = parser_->content_length();
  const bool chunked = parser_->chunked();
  if (exchange_ == nullptr || (!chunked && (!length || *length == 0))) co_return Next::kGoOn;
  if (!chunked && IsTooLong(*length)) co_return RefuseBody(TooLong(*length));
  const uint64_t first = chunked ? kMemoryStep : *length;
  const auto reserved = co_await ReserveMemory(first);
  if (!reserved) co_return RefuseBody(Exhausted("too many requests in flight, try again later"));
  if (request_.minor_version == 1 && request_.HasHeader("Expect")) {
    const auto sent = co_await SendContinue();
    if (!sent) co_return Next::kClose;
  }
  if (chunked) {
    co_return co_await ReadChunkedBody();
  }
  const uint64_t bytes = *length;
  co_return co_await ReadPlainBody(bytes);
}

Task<Session::Next> Session::ReadPlainBody(uint64_t length) {
  request_.body.resize(length);
  const size_t have = std::min<uint64_t>(length, buffer_.size());
  const net::mutable_buffer whole(request_.body.data(), length);
  buffer_.consume(net::buffer_copy(whole, buffer_.data(), have));
  const auto deadline = std::chrono::steady_clock::now() + options_.read_timeout;
  net::mutable_buffer rest = whole + have;
  while (rest.size() > 0) {
    const net::mutable_buffer piece = net::buffer(rest, kBodyPiece);
    stream_.ExpiresAfter(TimeUntil(deadline, kStallTime));
    const auto result = co_await net::async_read(stream_, piece, kResult);
    const auto& [error, bytes] = result;
    if (error) co_return Next::kClose;
    rest += bytes;
  }
  co_return Next::kGoOn;
}

Task<Session::Next> Session::ReadChunkedBody() {
  const uint64_t most = exchange_->max_body_bytes();
  parser_->body_limit(most);
  uint64_t reserved = kMemoryStep;
  const auto deadline = std::chrono::steady_clock::now() + options_.read_timeout;
  while (!parser_->is_done()) {
    const uint64_t size = parser_->get().body().size();
    if (IsTooLong(size)) co_return RefuseBody(TooLong(size));
    // The string doubles when it grows, and holds both copies for a moment.
    if (3 * (size + kReadAhead) > reserved) {
      const uint64_t more = 2 * reserved;
      const auto grown = co_await ReserveMemory(more);
      if (!grown) co_return RefuseBody(Exhausted("too many requests in flight, try again later"));
      reserved += more;
    }
    stream_.ExpiresAfter(TimeUntil(deadline, kStallTime));
    const auto result = co_await bhttp::async_read_some(stream_, buffer_, *parser_, kResult);
    const auto& [error, bytes] = result;
    if (error == bhttp::error::body_limit) co_return RefuseBody(TooLong(most + 1));
    if (error) co_return RefuseBroken(error);
  }
  request_.body = std::move(parser_->get().body());
  co_return Next::kGoOn;
}

bool Session::IsTooLong(uint64_t bytes) const {
  if (bytes > exchange_->max_body_bytes()) return true;
  return options_.memory != nullptr && bytes > options_.memory->limit() / 4;
}

Status Session::TooLong(uint64_t bytes) const {
  uint64_t most = exchange_->max_body_bytes();
  if (options_.memory != nullptr) most = std::min(most, options_.memory->limit() / 4);
  return WithHttpStatus(
      InvalidArgument(StrCat("request body too large: message size too large than max (", bytes,
                             " vs ", most, ")")),
      413);
}

Task<bool> Session::ReserveMemory(uint64_t bytes) {
  const auto deadline = std::chrono::steady_clock::now() + options_.memory_wait;
  while (!request_.memory.Grow(bytes).ok()) {
    if (draining_ || std::chrono::steady_clock::now() >= deadline) co_return false;
    timer_.expires_after(kMemoryPoll);
    const auto result = co_await timer_.async_wait(kResult);
    static_cast<void>(result);
  }
  co_return true;
}

Task<bool> Session::SendContinue() {
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  const net::const_buffer bytes(kContinue.data(), kContinue.size());
  stream_.ExpiresAfter(options_.write_timeout);
  const auto result = co_await net::async_write(stream_, bytes, kResult);
  const auto& [error, written] = result;
  co_return !error;
}

Task<Response> Session::HandleRequest() {
  auto response = co_await AskService();
  co_await StopWatching();
  co_return response;
}

Task<Response> Session::AskService() {
  auto start = [this](auto handler) {
    auto respond = [home = stream_.get_executor(),
                    handler = std::move(handler)](Response response) mutable {
      net::post(home, [handler = std::move(handler), response = std::move(response)]() mutable {
        std::move(handler)(std::move(response));
      });
    };
    exchange_->Handle(request_, std::move(respond));
    WatchPeer();
  };
  return net::async_initiate<const net::use_awaitable_t<Executor>, void(Response)>(std::move(start),
                                                                                   kAwait);
}

void Session::WatchPeer() {
  StopToken* const stop = exchange_->stop_token();
  if (stop == nullptr) return;
  try {
    peer_watch_.Begin(stop);
  } catch (const std::exception& error) {  // no memory; the exchange is under way and must live
    SKALD_LOG(kDebug, "nobody will notice if a client leaves", {{"err", error.what()}});
  }
}

Task<void> Session::StopWatching() {
  while (peer_watch_.active()) {
    peer_watch_.Cancel();
    co_await net::post(kAwait);
  }
}

Task<bool> Session::Write() {
  const int64_t now = options_.clock->WallNanos() / 1'000'000'000;
  const std::string head =
      SerializeHead(response_, request_.minor_version, keep_alive_, HttpDate(now));
  const auto deadline = SlowestEnd(response_.body.size(), options_.write_timeout);
  Text& body = response_.body;
  const size_t pieces = body.pieces().size();
  const bool with_body = request_.method != "HEAD" && response_.status != 204;
  std::string piece = with_body && pieces > 0 ? body.TakePiece(0) : std::string();
  std::vector<net::const_buffer> buffers = {net::buffer(head), net::buffer(piece)};
  size_t next = 1;
  while (!buffers.empty()) {
    stream_.ExpiresAfter(TimeUntil(deadline, options_.write_timeout));
    const auto result = co_await net::async_write(stream_, buffers, kResult);
    const auto& [error, bytes] = result;
    if (error) co_return false;
    buffers.clear();
    if (!with_body || next >= pieces) break;
    piece = body.TakePiece(next++);
    buffers.push_back(net::buffer(piece));
  }
  co_return true;
}

Task<void> Session::ServeWebSocket() {
  // A client that does not wait for the answer has not understood the protocol.
  if (draining_ || buffer_.size() > 0) co_return;
  stream_.ExpiresNever();
  websocket_.emplace(&stream_, std::move(response_.websocket), options_.write_timeout);
  const auto& head = parser_->get();
  co_await websocket_->Run(head);
  websocket_.reset();
}

Task<void> Session::Linger() {
  ErrorCode ignored;
  stream_.socket().shutdown(Socket::shutdown_send, ignored);
  stream_.ExpiresAfter(kLingerTime);
  bool open = true;
  while (open) {
    buffer_.clear();
    const auto space = buffer_.prepare(kLingerPiece);
    const auto result = co_await stream_.tcp().async_read_some(space, kResult);
    const auto& [error, bytes] = result;
    open = !error;
  }
}

Session::Next Session::RefuseBroken(const ErrorCode& error) {
  if (error == bhttp::error::header_limit || error == bhttp::error::buffer_overflow) {
    return RefuseProtocol(431, "");
  }
  if (error == bhttp::error::bad_version) return RefuseProtocol(505, "");
  const bool ended = error == bhttp::error::end_of_stream || error == bhttp::error::partial_message;
  if (ended || !IsHttpError(error)) return Next::kClose;
  return RefuseProtocol(400, "");
}

Session::Next Session::RefuseProtocol(int status, std::string_view detail) {
  exchange_.reset();
  response_ = Response();
  response_.status = status;
  response_.content_type = "text/plain; charset=utf-8";
  response_.body.Append(StrCat(status, " ", StatusText(status)));
  if (!detail.empty()) response_.body.Append(StrCat(": ", detail));
  return Next::kAnswer;
}

Session::Next Session::RefuseBody(const Status& error) {
  response_ = exchange_->Refuse(error);
  exchange_.reset();
  return Next::kAnswer;
}

Task<void> RunSession(std::unique_ptr<Session> session, absl::AnyInvocable<void()> ended) {
  const absl::Cleanup end = [&session, &ended] {
    session.reset();
    ended();
  };
  co_await session->Run();
}

}  // namespace skald::http
