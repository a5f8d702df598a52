// A TCP connection to the server under test that sends bytes as they are.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace skald::http {

// Threads: externally synchronised. Failures end the test.
class RawClient {
 public:
  explicit RawClient(uint16_t port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // Sends until the peer hangs up; false when it did.
  bool Send(std::string_view bytes);
  // Says that nothing more will be sent.
  void EndSending();

  // One response, head and body, as its Content-Length says; what came before the end if the peer
  // hangs up.
  std::string ReadResponse();
  // Everything until the peer hangs up.
  std::string ReadAll();
  // True if the peer has hung up, or does within a second.
  bool IsClosed();

 private:
  bool Fill();

  int socket_;
  std::string buffer_;
};

// The text of a request without a body.
std::string Get(std::string_view target, std::string_view headers = "");
// The text of a request with a body of known length.
std::string Post(std::string_view target, std::string_view body, std::string_view headers = "");

// Sends one request on a connection of its own and returns the response.
std::string Ask(uint16_t port, std::string_view request);

// The parts of a response.
int StatusOf(std::string_view response);
std::string BodyOf(std::string_view response);
// The head without its Date line.
std::string HeadOf(std::string_view response);

}  // namespace skald::http
