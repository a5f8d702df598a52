// One HTTP connection that pushes bodies.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "storage/base/status.h"
#include "tools/bench/push_body.h"

namespace skald::bench {

// Where bodies are pushed to, and how they are encoded.
struct PushTarget {
  std::string url;
  std::string tenant;  // X-Scope-OrgID; empty: none
  BodyEncoding encoding = BodyEncoding::kProtobufSnappy;
};

// Whether a reply asks for the same body again later.
bool AsksToRepeat(int64_t status);

// Threads: used by one thread.
class PushConnection {
 public:
  explicit PushConnection(const PushTarget& target);
  ~PushConnection();
  PushConnection(const PushConnection&) = delete;
  PushConnection& operator=(const PushConnection&) = delete;

  // The HTTP status of the reply. Unavailable: there is none.
  StatusOr<int64_t> Post(const std::string& body);
  // What the last reply's Retry-After says, or a second.
  std::chrono::seconds RetryAfter() const;

 private:
  void AddHeader(const std::string& header);

  CURL* curl_;
  curl_slist* headers_ = nullptr;
};

}  // namespace skald::bench
