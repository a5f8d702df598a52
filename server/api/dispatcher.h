// The service behind the transport: finds the route and tenant of each request, and runs its
// handler on the right pool.
//
// Pushes and queries have pools of their own, so that neither starves the other. A query that turns
// out to be heavy is begun again where it delays heavy ones only (query_pool.h). What is cheap is
// answered on the network thread. A reply that waits for the log leaves from the committer's
// callback: no thread waits for a disk.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "server/api/context.h"
#include "server/api/query_pool.h"
#include "server/api/request_metrics.h"
#include "server/api/router.h"
#include "server/http/service.h"
#include "storage/base/thread_pool.h"

namespace skald::api {

struct DispatcherPools {
  ThreadPool* push = nullptr;
  QueryPool* query = nullptr;
  ThreadPool* deletes = nullptr;
  ThreadPool* report = nullptr;
  ThreadPool* admin = nullptr;
};

// Threads: thread-safe.
class Dispatcher final : public http::Service {
 public:
  // `api` and the pools must outlive this; the pools are stopped before it goes.
  Dispatcher(ApiContext* api, const DispatcherPools& pools);

  http::Admission Admit(const http::Request& head) override;

 private:
  class ApiExchange;

  // The request's way on: its tenant, or that its client must be verified first, or the refusal.
  struct Entry {
    StatusOr<std::string> tenant;
    std::optional<auth::Password> unverified = std::nullopt;
    bool unknown = false;
  };
  Entry Enter(const http::Request& head, const Route& route);

  // A request that gets no further: counts and answers it.
  http::Admission Turn(const http::Request& head, std::string_view route, http::Response response);

  ApiContext* const api_;
  const DispatcherPools pools_;
  const Router router_;
  RequestMetrics metrics_;
};

}  // namespace skald::api
