#include "server/http/server.h"

#include <pthread.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/container/flat_hash_set.h"
#include "server/http/listener.h"
#include "server/http/session.h"
#include "server/http/tls_certificates.h"
#include "storage/base/log.h"
#include "storage/base/mutex.h"

namespace skald::http {
namespace {

// How many connections there are; lets one thread wait for the last to end.
class ConnectionCount {
 public:
  void Add() {
    MutexLock lock(&mutex_);
    ++count_;
  }
  void Remove() {
    MutexLock lock(&mutex_);
    if (--count_ == 0) none_.NotifyAll();
  }
  size_t Get() const {
    MutexLock lock(&mutex_);
    return count_;
  }
  void WaitForNone() {
    MutexLock lock(&mutex_);
    while (count_ > 0) none_.Wait(&mutex_);
  }
  // False when some are left at the deadline.
  bool WaitForNoneUntil(std::chrono::steady_clock::time_point deadline) {
    MutexLock lock(&mutex_);
    while (count_ > 0) {
      const auto left = deadline - std::chrono::steady_clock::now();
      if (left.count() <= 0) return false;
      none_.WaitFor(&mutex_, left);
    }
    return true;
  }

 private:
  mutable Mutex mutex_;
  CondVar none_;
  size_t count_ SKALD_GUARDED_BY(mutex_) = 0;
};

// One event loop and its connections.
// Threads: the members below the loop belong to its thread; other threads Post.
class NetworkThread {
 public:
  NetworkThread() : work_(context_.get_executor()) {}

  void Start() {
    thread_ = std::thread([this] { Run(); });
    pthread_setname_np(thread_.native_handle(), "skald-net");
  }
  void Join() {
    work_.reset();
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

  net::io_context* context() { return &context_; }
  template <typename Job>
  void Post(Job job) {
    net::post(context_, std::move(job));
  }

  // The following run on the thread.
  void Serve(Socket socket, std::shared_ptr<net::ssl::context> tls, Service* service,
             const ServerOptions& options, ConnectionCount* count) {
    if (draining_) {
      count->Remove();
      return;
    }
    try {
      Begin(std::move(socket), std::move(tls), service, options, count);
    } catch (const std::exception& error) {  // no memory for the connection
      SKALD_LOG(kError, "a connection was not served", {{"err", error.what()}});
      count->Remove();
    }
  }
  void Drain() {
    draining_ = true;
    for (Session* session : sessions_) session->Drain();
  }
  // Ends the connection that has waited longest for a request, if one does and the last is gone.
  void EndLongestIdle() {
    if (making_room_ != nullptr) return;
    Session* longest = nullptr;
    for (Session* session : sessions_) {
      const auto since = session->IdleSince();
      if (since && (longest == nullptr || *since < *longest->IdleSince())) longest = session;
    }
    making_room_ = longest;
    // At once: a client that does not answer a goodbye must not keep the place.
    if (longest != nullptr) longest->Abort();
  }
  void Abort() {
    for (Session* session : sessions_) session->Abort();
  }

 private:
  // What a handler throws costs its connection, whose coroutine ends with the handler.
  void Run() {
    for (bool running = true; running;) {
      try {
        context_.run();
        running = false;
      } catch (const std::exception& error) {
        SKALD_LOG(kError, "a connection ended by an exception", {{"err", error.what()}});
      }
    }
  }
  void Begin(Socket socket, std::shared_ptr<net::ssl::context> tls, Service* service,
             const ServerOptions& options, ConnectionCount* count) {
    ErrorCode ignored;
    socket.set_option(net::ip::tcp::no_delay(true), ignored);
    auto session = std::make_unique<Session>(std::move(socket), std::move(tls), service, options);
    Session* const key = session.get();
    auto ended = [this, count, key] {
      sessions_.erase(key);
      if (making_room_ == key) making_room_ = nullptr;
      count->Remove();
    };
    sessions_.insert(key);
    absl::Cleanup forget = [this, key] { sessions_.erase(key); };
    net::co_spawn(context_, RunSession(std::move(session), std::move(ended)), net::detached);
    std::move(forget).Cancel();
  }

  net::io_context context_{1};
  net::executor_work_guard<Executor> work_;
  std::thread thread_;
  bool draining_ = false;
  absl::flat_hash_set<Session*> sessions_;
  const Session* making_room_ = nullptr;  // being ended for who waits
};

class ServerImpl final : public Server {
 public:
  ServerImpl(const ServerOptions& options, Service* service)
      : options_(options), service_(service), threads_(std::max(1, options.threads)) {
    for (auto& thread : threads_) thread = std::make_unique<NetworkThread>();
    listener_ = std::make_unique<Listener>(threads_[0]->context());
  }
  ~ServerImpl() override { Stop(std::chrono::nanoseconds(0)); }

  Status Start();
  // Hands a connection to the thread that was chosen for it.
  void Serve(Socket socket);
  uint16_t port() const override { return listener_->port(); }
  size_t connections() const override { return count_.Get(); }
  void Stop(std::chrono::nanoseconds grace) override;

 private:
  const ServerOptions options_;
  Service* const service_;
  ConnectionCount count_;
  std::vector<std::unique_ptr<NetworkThread>> threads_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<TlsCertificates> tls_;  // null: plain HTTP; of the listener's thread
  size_t next_thread_ = 0;                // of the listener's thread
  bool stopped_ = false;
};

}  // namespace

Status ServerImpl::Start() {
  if (options_.tls.enabled()) {
    ASSIGN_OR_RETURN(tls_, TlsCertificates::Create(options_.tls));
  }
  RETURN_IF_ERROR(listener_->Bind(options_.address, options_.port));
  auto choose = [this] {
    next_thread_ = (next_thread_ + 1) % threads_.size();
    return Listener::Place{threads_[next_thread_]->context()->get_executor(),
                           count_.Get() < options_.max_connections};
  };
  auto make_room = [this] {
    for (auto& thread : threads_) thread->Post([&thread] { thread->EndLongestIdle(); });
  };
  auto serve = [this](Socket socket) { Serve(std::move(socket)); };
  net::co_spawn(*threads_[0]->context(),
                listener_->Run(std::move(choose), std::move(make_room), std::move(serve)),
                net::detached);
  for (auto& thread : threads_) thread->Start();
  return absl::OkStatus();
}

void ServerImpl::Serve(Socket socket) {
  NetworkThread* const home = threads_[next_thread_].get();
  auto tls = tls_ == nullptr ? nullptr : tls_->Current();
  count_.Add();
  absl::Cleanup forget = [this] { count_.Remove(); };
  home->Post([this, home, tls = std::move(tls), socket = std::move(socket)]() mutable {
    home->Serve(std::move(socket), std::move(tls), service_, options_, &count_);
  });
  std::move(forget).Cancel();
}

void ServerImpl::Stop(std::chrono::nanoseconds grace) {
  if (std::exchange(stopped_, true)) return;
  const auto deadline = std::chrono::steady_clock::now() + grace;
  threads_[0]->Post([this] { listener_->Close(); });
  for (auto& thread : threads_) thread->Post([&thread] { thread->Drain(); });
  if (!count_.WaitForNoneUntil(deadline)) {
    for (auto& thread : threads_) thread->Post([&thread] { thread->Abort(); });
    count_.WaitForNone();
  }
  for (auto& thread : threads_) thread->Join();
}

StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, Service* service) {
  auto server = std::make_unique<ServerImpl>(options, service);
  RETURN_IF_ERROR(server->Start());
  return server;
}

}  // namespace skald::http
