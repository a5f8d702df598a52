#include "server/http/peer_watch.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <chrono>

namespace skald::http {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(200);

// Whether the other side has said that it sends no more, even if what it sent before is unread.
bool HasHungUp(Socket* socket) {
  tcp_info info{};
  socklen_t size = sizeof(info);
  if (::getsockopt(socket->native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return true;
  return info.tcpi_state != TCP_ESTABLISHED;
}

}  // namespace

void PeerWatch::Begin(StopToken* stop) {
  socket_->async_wait(Socket::wait_read,
                      [this, stop](const ErrorCode& error) { Look(error, stop); });
  active_ = true;  // not if that threw: nothing would ever end it
}

void PeerWatch::Poll(StopToken* stop) {
  timer_.expires_after(kPoll);
  timer_.async_wait([this, stop](const ErrorCode& error) { Look(error, stop); });
  active_ = true;
}

void PeerWatch::Look(const ErrorCode& error, StopToken* stop) {
  active_ = false;
  if (error) return;
  if (HasHungUp(socket_)) return stop->RequestStop();
  Poll(stop);
}

void PeerWatch::Cancel() {
  ErrorCode ignored;
  socket_->cancel(ignored);
  timer_.cancel();
}

}  // namespace skald::http
