// Accepts connections and hands them to the network threads in turn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/functional/any_invocable.h"
#include "server/http/asio_types.h"
#include "storage/base/status.h"

namespace skald::http {

// Threads: owned by the network thread whose context it got, but for Bind and port().
class Listener {
 public:
  // Where the next connection shall live: its executor, if it may come in now.
  struct Place {
    Executor executor;
    bool free;  // false: too many connections
  };
  using ChoosePlace = absl::AnyInvocable<Place()>;
  // Called while a client waits to be accepted and no place is free.
  using MakeRoom = absl::AnyInvocable<void()>;
  using OnConnection = absl::AnyInvocable<void(Socket)>;

  explicit Listener(net::io_context* context);

  // Opens the port (0: any). An empty address means every one. Unavailable when it is taken.
  Status Bind(const std::string& address, uint16_t port);
  uint16_t port() const { return port_; }

  // Accepts until Close. The listener must outlive the coroutine.
  Task<void> Run(ChoosePlace choose, MakeRoom make_room, OnConnection on_connection);
  void Close();

 private:
  // Waits for one connection; false if it should be some time until the next.
  Task<bool> Accept(ChoosePlace* choose, MakeRoom* make_room, OnConnection* on_connection);
  Status Open(const net::ip::tcp::endpoint& endpoint);

  net::io_context* const context_;
  Acceptor acceptor_;
  Timer timer_;
  uint16_t port_ = 0;
};

}  // namespace skald::http
