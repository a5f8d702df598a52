#include "server/http/listener.h"

#include <boost/asio/ip/v6_only.hpp>
#include <exception>
#include <utility>

#include "storage/base/log.h"

namespace skald::http {
namespace {

// Until it is tried again to accept a connection.
constexpr auto kPause = std::chrono::milliseconds(10);

// The endpoints that an address may mean, the best first.
StatusOr<std::vector<net::ip::tcp::endpoint>> Endpoints(net::io_context* context,
                                                        const std::string& address, uint16_t port) {
  using net::ip::tcp;
  if (address.empty()) return std::vector{tcp::endpoint(tcp::v6(), port), {tcp::v4(), port}};
  ErrorCode error;
  tcp::resolver resolver(*context);
  const auto found = resolver.resolve(address, std::to_string(port), tcp::resolver::passive, error);
  if (error) return InvalidArgument(StrCat("lookup ", address, ": ", error.message()));
  return std::vector<tcp::endpoint>(found.begin(), found.end());
}

}  // namespace

Listener::Listener(net::io_context* context)
    : context_(context), acceptor_(context->get_executor()), timer_(context->get_executor()) {}

Status Listener::Bind(const std::string& address, uint16_t port) {
  ASSIGN_OR_RETURN(const auto endpoints, Endpoints(context_, address, port));
  Status status = Unavailable("no such address");
  for (const auto& endpoint : endpoints) {
    status = Open(endpoint);
    if (status.ok()) return status;
  }
  return Annotate(status, StrCat("listen tcp ", address, ":", port));
}

Status Listener::Open(const net::ip::tcp::endpoint& endpoint) {
  ErrorCode error;
  ErrorCode ignored;
  acceptor_.close(ignored);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(net::socket_base::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) {
    acceptor_.set_option(net::ip::v6_only(!endpoint.address().is_unspecified()), ignored);
  }
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(net::socket_base::max_listen_connections, error);
  if (error) return Unavailable(error.message());
  port_ = acceptor_.local_endpoint(ignored).port();
  return absl::OkStatus();
}

Task<void> Listener::Run(ChoosePlace choose, MakeRoom make_room, OnConnection on_connection) {
  while (acceptor_.is_open()) {
    bool pause = true;
    try {
      const auto accepted = co_await Accept(&choose, &make_room, &on_connection);
      pause = !accepted;
    } catch (const std::exception& error) {  // no memory for the connection
      SKALD_LOG(kError, "accepting a connection failed", {{"err", error.what()}});
    }
    if (pause) {
      timer_.expires_after(kPause);
      const auto waited = co_await timer_.async_wait(kResult);
      static_cast<void>(waited);
    }
  }
}

Task<bool> Listener::Accept(ChoosePlace* choose, MakeRoom* make_room, OnConnection* on_connection) {
  const Place place = (*choose)();
  if (!place.free) {
    const auto waiting = co_await acceptor_.async_wait(Acceptor::wait_read, kResult);
    const auto& [error] = waiting;
    if (!error) (*make_room)();
    co_return false;
  }
  auto result = co_await acceptor_.async_accept(place.executor, kResult);
  auto& [error, socket] = result;
  if (!error) {
    (*on_connection)(std::move(socket));
  } else if (error != net::error::operation_aborted) {  // out of file descriptors, for one
    SKALD_LOG(kWarn, "accepting a connection failed", {{"err", error.message()}});
    co_return false;
  }
  co_return true;
}

void Listener::Close() {
  ErrorCode ignored;
  acceptor_.close(ignored);
  timer_.cancel();
}

}  // namespace skald::http
