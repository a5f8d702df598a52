#include "server/health_check.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <string_view>

#include "storage/base/status.h"

namespace skald {
namespace {

constexpr int kTimeoutSeconds = 5;

struct Address {
  std::string host;
  std::string port = "80";
  std::string path = "/";
};

StatusOr<Address> ParseUrl(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return InvalidArgument("the health URL must begin with http://");
  url.remove_prefix(kScheme.size());
  Address address;
  const size_t slash = url.find('/');
  if (slash != std::string_view::npos) {
    address.path = url.substr(slash);
    url = url.substr(0, slash);
  }
  const size_t colon = url.rfind(':');
  if (colon != std::string_view::npos) {
    address.port = url.substr(colon + 1);
    url = url.substr(0, colon);
  }
  address.host = url;
  return address;
}

// A connected socket, or -1.
int Connect(const Address& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found) != 0) return -1;
  int connected = -1;
  for (const addrinfo* i = found; i != nullptr && connected < 0; i = i->ai_next) {
    const int fd = socket(i->ai_family, i->ai_socktype | SOCK_CLOEXEC, i->ai_protocol);
    if (fd < 0) continue;
    const timeval timeout{kTimeoutSeconds, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    if (connect(fd, i->ai_addr, i->ai_addrlen) == 0) {
      connected = fd;
    } else {
      close(fd);
    }
  }
  freeaddrinfo(found);
  return connected;
}

StatusOr<std::string> StatusLineOf(const Address& address) {
  const int fd = Connect(address);
  if (fd < 0) return Unavailable(StrCat("cannot connect to ", address.host, ":", address.port));
  const std::string request = StrCat("GET ", address.path, " HTTP/1.0\r\nHost: ", address.host,
                                     "\r\nConnection: close\r\n\r\n");
  std::string answer;
  if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) ==
      static_cast<ssize_t>(request.size())) {
    char buffer[512];
    ssize_t count = 0;
    while (answer.find("\r\n") == std::string::npos &&
           (count = recv(fd, buffer, sizeof(buffer), 0)) > 0) {
      answer.append(buffer, static_cast<size_t>(count));
    }
  }
  close(fd);
  return answer.substr(0, answer.find("\r\n"));
}

}  // namespace

int CheckHealth(const std::string& url) {
  const StatusOr<Address> address = ParseUrl(url);
  StatusOr<std::string> line = address.ok() ? StatusLineOf(*address) : address.status();
  if (line.ok() && line->find(" 200") != std::string::npos) {
    std::puts("Loki is healthy");
    return 0;
  }
  std::fprintf(stderr, "not healthy: %s\n",
               line.ok() ? line->c_str() : std::string(Message(line.status())).c_str());
  return 1;
}

}  // namespace skald
