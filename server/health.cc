#include "server/health.h"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <string_view>

#include "absl/strings/numbers.h"
#include "storage/base/strings.h"

namespace skald {
namespace {

namespace net = boost::asio;
using ErrorCode = boost::system::error_code;

constexpr auto kTimeout = std::chrono::seconds(5);  // of each step
constexpr size_t kMaxHead = 16 << 10;

struct Url {
  bool tls = false;
  std::string host;
  std::string port;
  std::string authority;
  std::string path;
};

StatusOr<Url> ParseUrl(std::string_view text) {
  Url url;
  url.tls = text.starts_with("https://");
  if (!url.tls && !text.starts_with("http://")) {
    return InvalidArgument(StrCat("neither an http nor an https URL: ", text));
  }
  text.remove_prefix(url.tls ? 8 : 7);
  const size_t slash = std::min(text.find('/'), text.size());
  const std::string_view authority = text.substr(0, slash);
  const size_t colon = std::min(authority.rfind(':'), authority.size());
  const std::string_view fallback = url.tls ? "443" : "80";
  url.host = authority.substr(0, colon);
  url.port = colon < authority.size() ? authority.substr(colon + 1) : fallback;
  url.authority = authority;
  url.path = slash < text.size() ? text.substr(slash) : "/";
  return url;
}

// One connection on which one request is sent.
class Probe {
 public:
  // The first line of the answer.
  StatusOr<std::string> Ask(const Url& url) {
    ErrorCode error = Connect(url);
    if (!error) error = url.tls ? AskOverTls(url) : Exchange(url, &socket_);
    if (error) return Unavailable(error.message());
    return answer_.substr(0, answer_.find_first_of("\r\n"));
  }

 private:
  // Runs what `start` starts to its end. Nothing may be run after a timeout.
  template <typename Start>
  ErrorCode Complete(const Start& start) {
    ErrorCode result = net::error::timed_out;
    start([&result](ErrorCode error, auto&&...) { result = error; });
    context_.restart();
    context_.run_for(kTimeout);
    return result;
  }

  ErrorCode Connect(const Url& url) {
    ErrorCode error;
    const auto endpoints = net::ip::tcp::resolver(context_).resolve(url.host, url.port, error);
    if (error) return error;
    return Complete([&](auto done) { net::async_connect(socket_, endpoints, done); });
  }

  // The certificate is not looked at: the process asks itself, and sends nothing secret.
  ErrorCode AskOverTls(const Url& url) {
    net::ssl::context tls(net::ssl::context::tls_client);
    net::ssl::stream<net::ip::tcp::socket&> stream(socket_, tls);
    const ErrorCode error =
        Complete([&](auto done) { stream.async_handshake(net::ssl::stream_base::client, done); });
    return error ? error : Exchange(url, &stream);
  }

  template <typename Stream>
  ErrorCode Exchange(const Url& url, Stream* stream) {
    const std::string request =
        StrCat("GET ", url.path, " HTTP/1.0\r\nHost: ", url.authority, "\r\n\r\n");
    const ErrorCode error =
        Complete([&](auto done) { net::async_write(*stream, net::buffer(request), done); });
    if (error) return error;
    return Complete([&](auto done) {
      net::async_read_until(*stream, net::dynamic_buffer(answer_, kMaxHead), '\n', done);
    });
  }

  net::io_context context_;
  net::ip::tcp::socket socket_{context_};
  std::string answer_;
};

}  // namespace

Status CheckHealth(const std::string& url) {
  ASSIGN_OR_RETURN(const Url parsed, ParseUrl(url));
  const StatusOr<std::string> line = Probe().Ask(parsed);
  if (!line.ok()) return Annotate(line.status(), url);
  const size_t space = std::min(line->find(' '), line->size());
  int status = 0;
  if (!absl::SimpleAtoi(line->substr(space).substr(0, 4), &status)) {
    return Unavailable(StrCat(url, " does not speak HTTP"));
  }
  if (status == 200) return absl::OkStatus();
  return Unavailable(StrCat(url, " answered ", status));
}

}  // namespace skald
