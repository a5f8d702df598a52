// Notices when a client hangs up while its request is handled.
#pragma once

#include "server/http/asio_types.h"
#include "storage/base/stop.h"

namespace skald::http {

// Threads: owned by the network thread that the socket belongs to.
class PeerWatch {
 public:
  // `socket` must outlive the watch.
  explicit PeerWatch(Socket* socket) : socket_(socket), timer_(socket->get_executor()) {}
  PeerWatch(const PeerWatch&) = delete;
  PeerWatch& operator=(const PeerWatch&) = delete;

  // From now on `stop` is asked to stop when the client hangs up. What it sends meanwhile stays
  // unread. `stop` must outlive the watching.
  void Begin(StopToken* stop);
  // Ends it, at the latest when the thread has run what is posted to it already: ask active(), and
  // cancel again while it is true. The watch may go only then.
  void Cancel();
  bool active() const { return active_; }

 private:
  // Once the client has sent more only time can tell.
  void Poll(StopToken* stop);
  // Stops the work of a client that has hung up, and goes on watching any other.
  void Look(const ErrorCode& error, StopToken* stop);

  Socket* const socket_;
  Timer timer_;
  bool active_ = false;
};

}  // namespace skald::http
