// The transport against clients that behave, clients that do not, and clients that go away.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <thread>

#include "server/http/server.h"
#include "tests/server/raw_client.h"

namespace skald::http {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr uint64_t kMaxBody = 100'000;

Response TextAnswer(int status, std::string_view text) {
  Response response;
  response.status = status;
  response.content_type = "text/plain";
  response.body.Append(text);
  return response;
}

// Answers by path: `/echo` the body, `/head` the request's parts, `/big` a long text that is
// charged to a budget, `/wait` when released or told to stop, `/closed` without wanting the body,
// `/throw` not at all, `/idle` and tells what is left of the request.
class FakeService final : public Service {
 public:
  Admission Admit(const Request& head) override {
    Admission admission;
    if (head.path == "/closed") {
      admission.response = TextAnswer(404, "closed\n");
    } else {
      admission.exchange = std::make_unique<FakeExchange>(this);
    }
    return admission;
  }

  // Lets every /wait answer.
  void Release() { released_.set_value(); }
  // Waits until a /wait is handled.
  void AwaitWaiter() { waiting_.get_future().wait(); }
  // What answers hold.
  const MemoryBudget& memory() const { return memory_; }
  // What a request still held when its exchange ended; waits for that.
  size_t AwaitHeld() { return held_.get_future().get(); }

 private:
  class FakeExchange final : public Exchange {
   public:
    explicit FakeExchange(FakeService* service) : service_(service) {}
    ~FakeExchange() override {
      if (thread_.joinable()) thread_.join();
      if (idle_ != nullptr) service_->held_.set_value(Held(*idle_));
    }
    uint64_t max_body_bytes() const override { return kMaxBody; }
    Response Refuse(const Status& error) override {
      return TextAnswer(HttpStatusOf(error).value_or(429), Message(error));
    }
    void Handle(const Request& request, Respond respond) override {
      if (request.path == "/wait") return Wait(std::move(respond));
      if (request.path == "/throw") throw std::bad_alloc();
      if (request.path == "/idle") idle_ = &request;
      if (request.path == "/big") {
        Response big;
        big.content_type = "text/plain";
        big.body = Text(&service_->memory_);
        for (int i = 0; i < 3000; ++i) big.body.Append(std::string(1000, 'b'));
        return respond(std::move(big));
      }
      std::string text = request.body;
      if (request.path == "/head") {
        text = StrCat(request.method, " ", request.path, " ", request.query, " ",
                      request.Header("x-custom"), " 1.", request.minor_version);
      }
      respond(TextAnswer(200, text));
    }
    StopToken* stop_token() override { return waits_ ? &stop_ : nullptr; }

   private:
    static size_t Held(const Request& request) {
      size_t bytes = request.headers.capacity() * sizeof(request.headers[0]);
      for (const std::string* text :
           {&request.target, &request.path, &request.query, &request.body}) {
        bytes += text->capacity();
      }
      return bytes;
    }
    void Wait(Respond respond) {
      waits_ = true;
      thread_ = std::thread([this, respond = std::move(respond)]() mutable {
        service_->waiting_.set_value();
        const auto released = service_->released_.get_future();
        while (!stop_.stop_requested() &&
               released.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
        }
        service_->stopped_ = stop_.stop_requested();
        respond(TextAnswer(200, stop_.stop_requested() ? "stopped" : "released"));
      });
    }

    FakeService* const service_;
    const Request* idle_ = nullptr;  // whose connection waits for the next one then
    bool waits_ = false;
    StopToken stop_;
    std::thread thread_;
  };

  MemoryBudget memory_{"answers", 10'000'000};
  std::promise<void> waiting_;
  std::promise<void> released_;
  std::promise<size_t> held_;

 public:
  std::atomic<bool> stopped_ = false;
};

class TransportTest : public testing::Test {
 protected:
  void StartServer(ServerOptions options = {}) {
    options.address = "127.0.0.1";
    options.threads = 2;
    auto server = Server::Start(options, &service_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  std::string Ask(std::string_view request) { return http::Ask(server_->port(), request); }
  uint16_t port() const { return server_->port(); }

  // Options with a budget of so many bytes.
  ServerOptions WithMemory(uint64_t bytes) {
    memory_ = std::make_unique<MemoryBudget>("bodies", bytes);
    ServerOptions options;
    options.memory = memory_.get();
    return options;
  }

  FakeService service_;
  std::unique_ptr<MemoryBudget> memory_;
  std::unique_ptr<Server> server_;
};

TEST_F(TransportTest, AnswersAndKeepsTheConnection) {
  StartServer();
  RawClient client(port());
  for (int i = 0; i < 3; ++i) {
    client.Send(Get("/head?a=b%20c", "X-Custom: yes\r\n"));
    const std::string response = client.ReadResponse();
    EXPECT_EQ(HeadOf(response),
              "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 25");
    EXPECT_EQ(BodyOf(response), "GET /head a=b%20c yes 1.1");
  }
}

TEST_F(TransportTest, AnswersPipelinedRequestsInOrder) {
  StartServer();
  RawClient client(port());
  std::string requests;
  for (int i = 0; i < 50; ++i) requests += Post("/echo", StrCat("body ", i));
  client.Send(requests);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(BodyOf(client.ReadResponse()), StrCat("body ", i));
  }
}

TEST_F(TransportTest, TakesRequestsByteByByte) {
  StartServer();
  RawClient client(port());
  for (const char c : Post("/echo", "slow")) client.Send(std::string(1, c));
  EXPECT_EQ(BodyOf(client.ReadResponse()), "slow");
}

TEST_F(TransportTest, TakesChunkedBodies) {
  StartServer();
  RawClient client(port());
  client.Send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.Send("4;ext=1\r\nWiki\r\n5\r\npedia\r\n");
  client.Send("0\r\nTrailer: x\r\n\r\n");
  client.Send(Get("/head"));
  EXPECT_EQ(BodyOf(client.ReadResponse()), "Wikipedia");
  EXPECT_THAT(BodyOf(client.ReadResponse()), StartsWith("GET /head"));
}

TEST_F(TransportTest, SendsContinueBeforeTheBody) {
  StartServer();
  RawClient client(port());
  client.Send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.ReadResponse(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("ok");
  EXPECT_EQ(BodyOf(client.ReadResponse()), "ok");
}

TEST_F(TransportTest, RefusesOtherExpectations) {
  StartServer();
  EXPECT_EQ(StatusOf(Ask(Post("/echo", "x", "Expect: miracles\r\n"))), 417);
}

TEST_F(TransportTest, SpeaksHttp10) {
  StartServer();
  RawClient client(port());
  client.Send("GET /head HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const std::string kept = client.ReadResponse();
  EXPECT_THAT(kept, StartsWith("HTTP/1.0 200 OK\r\n"));
  EXPECT_THAT(kept, HasSubstr("\r\nConnection: keep-alive\r\n"));
  client.Send("GET /head HTTP/1.0\r\n\r\n");
  EXPECT_EQ(BodyOf(client.ReadAll()), "GET /head   1.0");
}

TEST_F(TransportTest, ClosesWhenAsked) {
  StartServer();
  RawClient client(port());
  client.Send(Get("/head", "Connection: close\r\n"));
  EXPECT_THAT(client.ReadAll(), HasSubstr("\r\nConnection: close\r\n"));
}

TEST_F(TransportTest, LeavesOutTheBodyForHead) {
  StartServer();
  RawClient client(port());
  client.Send("HEAD /head HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(BodyOf(client.ReadAll()), "");
}

TEST_F(TransportTest, SendsLongAnswers) {
  StartServer();
  RawClient client(port());
  client.Send(Get("/big"));
  client.Send(Get("/head"));
  EXPECT_EQ(BodyOf(client.ReadResponse()).size(), 3'000'000U);
  EXPECT_THAT(BodyOf(client.ReadResponse()), StartsWith("GET /head"));
}

TEST_F(TransportTest, KeepsNoAnswerForAnIdleConnection) {
  StartServer();
  RawClient client(port());
  client.Send(Get("/big"));
  EXPECT_EQ(BodyOf(client.ReadResponse()).size(), 3'000'000u);
  for (int i = 0; i < 5000 && service_.memory().used() > 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(service_.memory().used(), 0u);
  client.Send(Get("/echo"));
  EXPECT_EQ(StatusOf(client.ReadResponse()), 200) << "the connection was closed";
}

TEST_F(TransportTest, KeepsNoRequestForAnIdleConnection) {
  StartServer();
  RawClient client(port());
  client.Send(StrCat("POST /idle?a=", std::string(30'000, 't'), " HTTP/1.1\r\nHost: x\r\nContent-",
                     "Length: ", kMaxBody, "\r\n\r\n", std::string(kMaxBody, 'b')));
  EXPECT_EQ(StatusOf(client.ReadResponse()), 200);
  EXPECT_LT(service_.AwaitHeld(), 100u);
  client.Send(Get("/echo"));
  EXPECT_EQ(StatusOf(client.ReadResponse()), 200) << "the connection was closed";
}

TEST_F(TransportTest, AnExceptionCostsItsConnectionAlone) {
  StartServer();
  RawClient other(port());
  other.Send(Get("/echo"));
  EXPECT_EQ(StatusOf(other.ReadResponse()), 200);
  for (int i = 0; i < 4; ++i) {  // on either thread
    RawClient client(port());
    client.Send(Get("/throw"));
    EXPECT_TRUE(client.IsClosed());
  }
  other.Send(Get("/echo"));
  EXPECT_EQ(StatusOf(other.ReadResponse()), 200);
  server_->Stop(std::chrono::seconds(5));
  EXPECT_EQ(server_->connections(), 0u);
}

TEST_F(TransportTest, RefusesWhatIsNotHttp) {
  StartServer();
  const std::pair<std::string_view, int> cases[] = {
      {"GET\r\n\r\n", 400},
      {"\x16\x03\x01\x02\r\n\r\n", 400},
      {"GET /head HTTP/1.1\r\n\r\n", 400},  // no Host
      {"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET head HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /head HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n", 400},
      {"GET /head HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n", 400},
      {"GET /head HTTP/2.3\r\nHost: x\r\n\r\n", 505},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
       "0\r\n\r\n",
       400},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
       "fffffffffffffffff\r\n\r\n",
       400}};
  for (const auto& [request, status] : cases) {
    RawClient client(port());
    client.Send(request);
    client.EndSending();
    const std::string response = client.ReadAll();
    EXPECT_EQ(StatusOf(response), status) << request << "\n-> " << response;
    EXPECT_THAT(response, HasSubstr("Connection: close")) << request;
  }
}

TEST_F(TransportTest, RefusesRequestsThatTwoServersMayReadDifferently) {
  StartServer();
  const std::string chunked = "0\r\n\r\n";
  const std::pair<std::string, int> cases[] = {
      {"Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400},
      {"Content-Length: 1, 1\r\n\r\na", 400},
      {"Content-Length: +1\r\n\r\na", 400},
      {"Content-Length: 0x1\r\n\r\na", 400},
      {"Content-Length: \r\n\r\n", 400},
      {"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked, 400},
      {"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n" + chunked, 400},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked, 400},
      {"Transfer-Encoding: identity\r\n\r\nabc", 501},
      {"Transfer-Encoding: gzip, chunked\r\n\r\n" + chunked, 501},
      {"Transfer-Encoding: xchunked\r\n\r\n" + chunked, 501},
      {"Transfer-Encoding : chunked\r\n\r\n" + chunked, 400},
      {"Transfer-Encoding:\r\n chunked\r\n\r\n" + chunked, 400},
      {"Transfer-Encoding: \vchunked\r\n\r\n" + chunked, 400},
      {"A: b\nTransfer-Encoding: chunked\r\n\r\n" + chunked, 400},
      {"A: b\rTransfer-Encoding: chunked\r\n\r\n" + chunked, 400},
      {"Host: y\r\nContent-Length: 1\r\n\r\na", 400},
      {"Transfer-Encoding: chunked\r\n\r\n1\na\n0\n\n", 400},
      {"Transfer-Encoding: chunked\r\n\r\n1;a\nb\r\na\r\n" + chunked, 400},
      {"Transfer-Encoding: chunked\r\n\r\n1 \r\na\r\n" + chunked, 400},
      {"Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n" + chunked, 400},
      {"Transfer-Encoding: chunked\r\n\r\n+1\r\na\r\n" + chunked, 400},
      {"Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n" + chunked, 400}};
  for (const auto& [headers, status] : cases) {
    RawClient client(port());
    client.Send(StrCat("POST /echo HTTP/1.1\r\nHost: x\r\n", headers, Get("/head")));
    const std::string response = client.ReadAll();
    EXPECT_EQ(StatusOf(response), status) << headers << "\n-> " << response;
    EXPECT_THAT(response, HasSubstr("Connection: close")) << headers;
    EXPECT_THAT(response, testing::Not(HasSubstr("GET /head"))) << headers;
  }
}

TEST_F(TransportTest, ClosesOnHttp2) {
  StartServer();
  RawClient client(port());
  client.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  EXPECT_EQ(StatusOf(client.ReadAll()), 505);
}

TEST_F(TransportTest, RefusesTooManyHeaders) {
  StartServer();
  std::string headers;
  for (int i = 0; i < 450; ++i) StrAppend(&headers, "A", i, ": b\r\n");
  EXPECT_EQ(StatusOf(Ask(Get("/head", headers))), 200);
  EXPECT_EQ(StatusOf(Ask(Get("/head", headers + headers))), 431);
}

TEST_F(TransportTest, RefusesLongHeads) {
  ServerOptions options;
  options.max_head_bytes = 10'000;
  StartServer(options);
  EXPECT_EQ(StatusOf(Ask(Get("/head", StrCat("A: ", std::string(20'000, 'a'), "\r\n")))), 431);
  EXPECT_EQ(StatusOf(Ask(Get(StrCat("/", std::string(20'000, 'a'))))), 431);
  EXPECT_EQ(StatusOf(Ask(Get("/head", StrCat("A: ", std::string(9'000, 'a'), "\r\n")))), 200);
}

TEST_F(TransportTest, RefusesLongFields) {
  StartServer();
  EXPECT_EQ(StatusOf(Ask(Get("/head", StrCat("A: ", std::string(64'900, 'a'), "\r\n")))), 200);
  EXPECT_EQ(StatusOf(Ask(Get("/head", StrCat("A: ", std::string(66'000, 'a'), "\r\n")))), 431);
  EXPECT_EQ(StatusOf(Ask(Get("/head", StrCat(std::string(66'000, 'A'), ": a\r\n")))), 431);
}

TEST_F(TransportTest, RefusesLongBodiesBeforeTheyCome) {
  StartServer();
  RawClient client(port());
  client.Send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100001\r\n\r\n");
  const std::string response = client.ReadResponse();
  EXPECT_EQ(StatusOf(response), 413);
  EXPECT_EQ(BodyOf(response),
            "request body too large: message size too large than max (100001 vs 100000)");
  EXPECT_EQ(BodyOf(Ask(Post("/echo", std::string(100'000, 'x')))).size(), 100'000U);
}

TEST_F(TransportTest, AnswersEvenWhileALongBodyIsSent) {
  StartServer();
  RawClient client(port());
  client.Send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n\r\n");
  for (int i = 0; i < 50; ++i) {
    if (!client.Send(std::string(1'000'000, 'x'))) break;
  }
  EXPECT_EQ(StatusOf(client.ReadResponse()), 413);
}

TEST_F(TransportTest, RefusesLongChunkedBodies) {
  StartServer();
  RawClient client(port());
  client.Send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 20; ++i) client.Send(StrCat("2710\r\n", std::string(10'000, 'x'), "\r\n"));
  EXPECT_EQ(StatusOf(client.ReadResponse()), 413);
}

TEST_F(TransportTest, RefusesBodiesOverAQuarterOfTheBudget) {
  ServerOptions options = WithMemory(40'000);
  StartServer(options);
  EXPECT_EQ(StatusOf(Ask(Post("/echo", std::string(10'001, 'x')))), 413);
  EXPECT_EQ(StatusOf(Ask(Post("/echo", std::string(10'000, 'x')))), 200);
  EXPECT_EQ(memory_->used(), 0U);
}

TEST_F(TransportTest, RefusesBodiesWhenThereIsNoMemory) {
  ServerOptions options = WithMemory(1'000'000);
  options.memory_wait = std::chrono::milliseconds(30);
  StartServer(options);
  ASSERT_TRUE(memory_->Take(999'999).ok());
  EXPECT_EQ(StatusOf(Ask(Post("/echo", "abc"))), 429);
  EXPECT_EQ(StatusOf(Ask(Get("/head"))), 200);
  memory_->Give(999'999);
  EXPECT_EQ(StatusOf(Ask(Post("/echo", "abc"))), 200);
}

TEST_F(TransportTest, WaitsForMemory) {
  ServerOptions options = WithMemory(1'000'000);
  options.memory_wait = std::chrono::seconds(20);
  StartServer(options);
  ASSERT_TRUE(memory_->Take(999'999).ok());
  RawClient client(port());
  client.Send(Post("/echo", "abc"));
  memory_->Give(999'999);
  EXPECT_EQ(BodyOf(client.ReadResponse()), "abc");
}

TEST_F(TransportTest, AnswersWithoutReadingABodyThatNobodyWants) {
  StartServer();
  RawClient without_body(port());
  without_body.Send(Get("/closed"));
  without_body.Send(Get("/head"));
  EXPECT_EQ(StatusOf(without_body.ReadResponse()), 404);
  EXPECT_EQ(StatusOf(without_body.ReadResponse()), 200);

  RawClient with_body(port());
  with_body.Send("POST /closed HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n");
  EXPECT_THAT(with_body.ReadResponse(), HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_TRUE(with_body.IsClosed());
}

TEST_F(TransportTest, EndsConnectionsThatStopMidway) {
  ServerOptions options;
  options.head_timeout = std::chrono::milliseconds(50);
  options.read_timeout = std::chrono::milliseconds(50);
  options.idle_timeout = std::chrono::milliseconds(50);
  StartServer(options);
  RawClient idle(port());
  RawClient half_head(port());
  half_head.Send("GET /head HT");
  RawClient half_body(port());
  half_body.Send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nabc");
  RawClient half_chunk(port());
  half_chunk.Send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
  for (RawClient* client : {&idle, &half_head, &half_body, &half_chunk}) {
    EXPECT_TRUE(client->IsClosed());
  }
}

TEST_F(TransportTest, StopsTheWorkOfAClientThatHangsUp) {
  StartServer();
  {
    RawClient client(port());
    client.Send(Get("/wait"));
    service_.AwaitWaiter();
  }
  server_->Stop(std::chrono::seconds(20));
  EXPECT_TRUE(service_.stopped_);
}

TEST_F(TransportTest, KeepsWorkingForAClientThatPipelines) {
  StartServer();
  RawClient client(port());
  client.Send(Get("/wait"));
  service_.AwaitWaiter();
  client.Send(Get("/head"));
  service_.Release();
  EXPECT_EQ(BodyOf(client.ReadResponse()), "released");
  EXPECT_THAT(BodyOf(client.ReadResponse()), StartsWith("GET /head"));
}

TEST_F(TransportTest, FinishesRequestsInHandWhenStopped) {
  StartServer();
  RawClient idle(port());
  idle.Send(Get("/head"));
  idle.ReadResponse();
  RawClient busy(port());
  busy.Send(Get("/wait"));
  service_.AwaitWaiter();
  std::thread stopper([this] { server_->Stop(std::chrono::seconds(20)); });
  EXPECT_TRUE(idle.IsClosed());
  service_.Release();
  const std::string response = busy.ReadResponse();
  EXPECT_EQ(BodyOf(response), "released");
  EXPECT_THAT(response, HasSubstr("\r\nConnection: close\r\n"));
  stopper.join();
}

TEST_F(TransportTest, StopsRequestsThatTakeTooLong) {
  StartServer();
  RawClient busy(port());
  busy.Send(Get("/wait"));
  service_.AwaitWaiter();
  server_->Stop(std::chrono::milliseconds(20));
  EXPECT_TRUE(service_.stopped_);
  EXPECT_EQ(server_->connections(), 0U);
}

TEST_F(TransportTest, HoldsBackConnectionsAboveTheLimit) {
  ServerOptions options;
  options.max_connections = 1;
  StartServer(options);
  RawClient busy(port());
  busy.Send(Get("/wait"));
  service_.AwaitWaiter();
  RawClient second(port());
  second.Send(Get("/head"));
  EXPECT_EQ(server_->connections(), 1U);
  service_.Release();
  EXPECT_EQ(BodyOf(busy.ReadResponse()), "released");
  EXPECT_EQ(StatusOf(second.ReadResponse()), 200);
}

TEST_F(TransportTest, EndsTheLongestIdleForWhoWaits) {
  ServerOptions options;
  options.max_connections = 3;
  StartServer(options);
  RawClient silent(port());  // has never asked anything
  RawClient first(port());
  first.Send(Get("/head"));
  first.ReadResponse();
  RawClient busy(port());
  busy.Send(Get("/wait"));
  service_.AwaitWaiter();
  RawClient late(port());
  late.Send(Get("/head"));
  EXPECT_EQ(StatusOf(late.ReadResponse()), 200);
  EXPECT_TRUE(silent.IsClosed());
  RawClient later(port());
  later.Send(Get("/head"));
  EXPECT_EQ(StatusOf(later.ReadResponse()), 200);
  EXPECT_TRUE(first.IsClosed());
  service_.Release();
  EXPECT_EQ(BodyOf(busy.ReadResponse()), "released") << "who has a request in hand is not ended";
}

TEST_F(TransportTest, SaysWhenThePortIsTaken) {
  StartServer();
  ServerOptions options;
  options.address = "127.0.0.1";
  options.port = port();
  const auto second = Server::Start(options, &service_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("listen tcp 127.0.0.1:"));
}

}  // namespace
}  // namespace skald::http
