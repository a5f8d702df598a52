#include "tools/cli/tail_socket.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <csignal>

#include "tools/cli/http_client.h"

namespace skald::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr size_t kMaxFrameBytes = size_t{64} << 20;

struct Address {
  bool tls = false;
  std::string host;
  std::string port;
  std::string target;
};

StatusOr<Address> ParseAddress(std::string_view url) {
  Address address;
  size_t scheme = url.find("://");
  std::string_view name = url.substr(0, scheme);
  if (scheme == std::string_view::npos || (name != "http" && name != "https")) {
    return InvalidArgument(StrCat("unsupported protocol scheme in ", url));
  }
  address.tls = name == "https";
  std::string_view rest = url.substr(scheme + 3);
  size_t slash = std::min(rest.find('/'), rest.size());
  std::string_view authority = rest.substr(0, slash);
  address.target = rest.substr(slash);
  size_t colon = authority.rfind(':');
  size_t bracket = authority.rfind(']');  // of an IPv6 address
  bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  address.port = has_port ? authority.substr(colon + 1) : address.tls ? "443" : "80";
  std::string_view host = has_port ? authority.substr(0, colon) : authority;
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  address.host = host;
  return address;
}

Status Failure(std::string_view what, const ErrorCode& error) {
  return Internal(StrCat(what, ": ", error.message()));
}

// Frames of an open connection, one after the other, until an end comes.
// Threads: owned by the thread that runs `io`.
template <typename Socket>
class FrameReader {
 public:
  FrameReader(asio::io_context* io, Socket* socket,
              const std::function<Status(std::string_view)>& on_frame)
      : io_(io), socket_(socket), on_frame_(on_frame), signals_(*io, SIGINT, SIGTERM) {}

  Status Run() {
    signals_.async_wait([this](const ErrorCode& error, int) {
      if (!error) Interrupt();
    });
    ReadNext();
    io_->run();
    return status_;
  }

 private:
  void ReadNext() {
    socket_->async_read(
        buffer_, [this](const ErrorCode& error, size_t) { error ? End(error) : HandOver(); });
  }

  void HandOver() {
    auto data = buffer_.data();
    status_ = on_frame_(std::string_view(static_cast<const char*>(data.data()), data.size()));
    buffer_.consume(data.size());
    if (status_.ok()) return ReadNext();
    signals_.cancel();
  }

  // A reason is known when the server has closed the connection, whatever became of it afterwards.
  void End(const ErrorCode& error) {
    signals_.cancel();
    if (interrupted_) return;
    const auto& reason = socket_->reason();
    if (reason.code == websocket::close_code::normal) return;
    status_ = reason.code == websocket::close_code::none
                  ? Unavailable(error.message())
                  : absl::AbortedError(
                        StrCat("websocket: close ", static_cast<int>(reason.code), ": ",
                               std::string_view(reason.reason.data(), reason.reason.size())));
  }

  // Says goodbye; the pending read ends when the server has answered.
  void Interrupt() {
    interrupted_ = true;
    socket_->async_close(websocket::close_code::normal, [](const ErrorCode&) {});
  }

  asio::io_context* const io_;
  Socket* const socket_;
  const std::function<Status(std::string_view)>& on_frame_;
  asio::signal_set signals_;
  beast::flat_buffer buffer_;
  bool interrupted_ = false;
  Status status_;
};

template <typename Socket>
Status Upgrade(const Address& address, const std::vector<std::string>& headers, Socket* socket) {
  socket->read_message_max(kMaxFrameBytes);
  socket->set_option(websocket::stream_base::decorator([&](websocket::request_type& request) {
    for (const std::string& header : headers) {
      size_t colon = header.find(": ");
      request.set(beast::string_view(header.data(), colon), header.substr(colon + 2));
    }
  }));
  websocket::response_type response;
  ErrorCode error;
  socket->handshake(response, StrCat(address.host, ":", address.port), address.target, error);
  if (error == websocket::error::upgrade_declined) {
    return InvalidArgument(
        StrCat("error response from server: ", response.body(), " (websocket: bad handshake)"));
  }
  return error ? Failure("websocket handshake", error) : absl::OkStatus();
}

template <typename Stream>
Status Connect(const Address& address, asio::io_context* io, Stream* stream) {
  ErrorCode error;
  Tcp::resolver resolver(*io);
  auto endpoints = resolver.resolve(address.host, address.port, error);
  if (error) return Failure(StrCat("looking up ", address.host), error);
  asio::connect(*stream, endpoints, error);
  return error ? Failure(StrCat("connecting to ", address.host, ":", address.port), error)
               : absl::OkStatus();
}

Status ReadPlain(const Address& address, const std::vector<std::string>& headers,
                 const std::function<Status(std::string_view)>& on_frame) {
  asio::io_context io(1);
  websocket::stream<Tcp::socket> socket(io);
  RETURN_IF_ERROR(Connect(address, &io, &socket.next_layer()));
  RETURN_IF_ERROR(Upgrade(address, headers, &socket));
  return FrameReader(&io, &socket, on_frame).Run();
}

Status SetUpTls(const ConnectionOptions& options, asio::ssl::context* context) {
  ErrorCode error;
  if (options.ca_cert.empty()) {
    context->set_default_verify_paths(error);
  } else {
    context->load_verify_file(options.ca_cert, error);
  }
  if (error) return Failure("reading certificate authorities", error);
  if (options.client_cert.empty()) return absl::OkStatus();
  context->use_certificate_chain_file(options.client_cert, error);
  if (error) return Failure("reading the client certificate", error);
  context->use_private_key_file(options.client_key, asio::ssl::context::pem, error);
  return error ? Failure("reading the client key", error) : absl::OkStatus();
}

Status ReadTls(const ConnectionOptions& options, const Address& address,
               const std::vector<std::string>& headers,
               const std::function<Status(std::string_view)>& on_frame) {
  asio::io_context io(1);
  asio::ssl::context context(asio::ssl::context::tls_client);
  RETURN_IF_ERROR(SetUpTls(options, &context));
  websocket::stream<asio::ssl::stream<Tcp::socket>> socket(io, context);
  auto& tls = socket.next_layer();
  tls.set_verify_mode(options.tls_skip_verify ? asio::ssl::verify_none : asio::ssl::verify_peer);
  if (!options.tls_skip_verify) {
    tls.set_verify_callback(asio::ssl::host_name_verification(address.host));
  }
  std::string name = address.host;
  SSL_ctrl(tls.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
           name.data());
  RETURN_IF_ERROR(Connect(address, &io, &tls.next_layer()));
  ErrorCode error;
  tls.handshake(asio::ssl::stream_base::client, error);
  if (error) return Failure("TLS handshake", error);
  RETURN_IF_ERROR(Upgrade(address, headers, &socket));
  return FrameReader(&io, &socket, on_frame).Run();
}

}  // namespace

Status ReadTail(const ConnectionOptions& options, const std::string& url,
                const std::vector<std::string>& headers,
                const std::function<Status(std::string_view)>& on_frame) {
  ASSIGN_OR_RETURN(Address address, ParseAddress(url));
  return address.tls ? ReadTls(options, address, headers, on_frame)
                     : ReadPlain(address, headers, on_frame);
}

}  // namespace skald::cli
