#include "tests/server/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "storage/base/check.h"
#include "storage/base/strings.h"

namespace skald::http {
namespace {

// The Content-Length of a head, 0 without one.
size_t ContentLength(std::string_view head) {
  constexpr std::string_view kName = "\r\nContent-Length: ";
  const size_t found = head.find(kName);
  if (found == std::string_view::npos) return 0;
  size_t length = 0;
  const char* digits = head.data() + found + kName.size();
  std::from_chars(digits, head.data() + head.size(), length);
  return length;
}

}  // namespace

RawClient::RawClient(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{20, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  SKALD_CHECK(::connect(socket_, generic, sizeof(address)) == 0);
}

RawClient::~RawClient() { ::close(socket_); }

bool RawClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

void RawClient::EndSending() { ::shutdown(socket_, SHUT_WR); }

bool RawClient::Fill() {
  char bytes[65536];
  const ssize_t got = ::recv(socket_, bytes, sizeof(bytes), 0);
  if (got <= 0) return false;
  buffer_.append(bytes, static_cast<size_t>(got));
  return true;
}

std::string RawClient::ReadResponse() {
  size_t end = std::string::npos;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) return std::exchange(buffer_, "");
  }
  end += 4;
  if (!buffer_.starts_with("HTTP/1.1 100")) {
    end += ContentLength(std::string_view(buffer_).substr(0, end));
  }
  while (buffer_.size() < end) {
    if (!Fill()) break;
  }
  std::string response = buffer_.substr(0, end);
  buffer_.erase(0, end);
  return response;
}

std::string RawClient::ReadAll() {
  while (Fill()) {
  }
  return std::exchange(buffer_, "");
}

bool RawClient::IsClosed() {
  const timeval patience{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  char byte;
  return ::recv(socket_, &byte, 1, 0) == 0;
}

std::string Get(std::string_view target, std::string_view headers) {
  return StrCat("GET ", target, " HTTP/1.1\r\nHost: x\r\n", headers, "\r\n");
}

std::string Post(std::string_view target, std::string_view body, std::string_view headers) {
  return StrCat("POST ", target, " HTTP/1.1\r\nHost: x\r\nContent-Length: ", body.size(), "\r\n",
                headers, "\r\n", body);
}

std::string Ask(uint16_t port, std::string_view request) {
  RawClient client(port);
  client.Send(request);
  return client.ReadResponse();
}

int StatusOf(std::string_view response) {
  int status = 0;
  const size_t space = std::min(response.find(' '), response.size());
  const std::string_view rest = response.substr(space).substr(response.size() > space ? 1 : 0);
  std::from_chars(rest.data(), rest.data() + rest.size(), status);
  return status;
}

std::string BodyOf(std::string_view response) {
  const size_t end = response.find("\r\n\r\n");
  return end == std::string_view::npos ? "" : std::string(response.substr(end + 4));
}

std::string HeadOf(std::string_view response) {
  std::string head(response.substr(0, response.find("\r\n\r\n")));
  const size_t date = head.find("\r\nDate: ");
  if (date != std::string::npos) head.erase(date, head.find("\r\n", date + 2) - date);
  return head;
}

}  // namespace skald::http
