// A WebSocket against a client that does not read.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <future>
#include <thread>

#include "server/http/websocket_session.h"
#include "tests/server/raw_client.h"

namespace skald::http {
namespace {

// Always has one message more.
class EndlessMessages final : public WebSocketSource {
 public:
  explicit EndlessMessages(std::promise<void>* gone) : gone_(gone) {}
  ~EndlessMessages() override { gone_->set_value(); }

  void Open(std::function<void()> wake) override { wake(); }
  std::optional<std::string> NextMessage() override { return std::string(10'000, 'x'); }
  std::optional<WebSocketClose> Ending() override { return std::nullopt; }

 private:
  std::promise<void>* const gone_;
};

WebSocketSession::Head UpgradeRequest() {
  WebSocketSession::Head head(beast::http::verb::get, "/tail", 11);
  head.set(beast::http::field::host, "localhost");
  head.set(beast::http::field::connection, "Upgrade");
  head.set(beast::http::field::upgrade, "websocket");
  head.set(beast::http::field::sec_websocket_version, "13");
  head.set(beast::http::field::sec_websocket_key, "dGhlIHNhbXBsZSBub25jZQ==");
  return head;
}

Task<void> ServeOne(Acceptor* acceptor, std::unique_ptr<WebSocketSource> source,
                    std::chrono::nanoseconds write_timeout) {
  auto accepted = co_await acceptor->async_accept(kResult);
  auto& [error, socket] = accepted;
  if (error) co_return;
  ClientStream stream(std::move(socket), nullptr);
  WebSocketSession session(&stream, std::move(source), write_timeout);
  const WebSocketSession::Head head = UpgradeRequest();
  co_await session.Run(head);
}

// Serves one client, as a network thread does.
class WebSocketTest : public testing::Test {
 protected:
  void Serve(std::chrono::nanoseconds write_timeout) {
    auto source = std::make_unique<EndlessMessages>(&gone_);
    net::co_spawn(context_.get_executor(), ServeOne(&acceptor_, std::move(source), write_timeout),
                  net::detached);
    thread_ = std::jthread([this] { context_.run(); });
  }
  ~WebSocketTest() override { context_.stop(); }

  uint16_t port() const { return acceptor_.local_endpoint().port(); }
  // Whether the source is destroyed while the client stays.
  bool Ends() {
    return gone_.get_future().wait_for(std::chrono::seconds(20)) == std::future_status::ready;
  }

 private:
  std::promise<void> gone_;
  net::io_context context_{1};
  Acceptor acceptor_{context_.get_executor(), {net::ip::make_address("127.0.0.1"), 0}};
  std::jthread thread_;
};

TEST_F(WebSocketTest, AClientThatDoesNotReadIsHungUpOn) {
  Serve(std::chrono::milliseconds(100));
  const RawClient client(port());
  EXPECT_TRUE(Ends());
}

}  // namespace
}  // namespace skald::http
