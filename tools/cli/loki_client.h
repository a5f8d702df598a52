// Requests to the server's API: addresses, retries with back-off, and what is said about them.
#pragma once

#include <string>
#include <string_view>

#include "tools/cli/http_client.h"
#include "tools/cli/options.h"
#include "tools/cli/url_query.h"

namespace skald::cli {

// Threads: externally synchronised; a parallel download has one per worker.
class LokiClient {
 public:
  // `options` must outlive the client.
  explicit LokiClient(const Options& options) : options_(options), http_(options.connection) {}

  // The body of the answer to a GET of `path` (such as `/loki/api/v1/labels`). Tells the address
  // unless quiet. Failed attempts are told on standard error; when none is left the error is
  // Unavailable `run out of attempts while querying the server`.
  StatusOr<std::string> Get(std::string_view path, const UrlQuery& query);

  // The same with another method. `error_prefix` begins the message of a failed attempt.
  StatusOr<std::string> Request(const std::string& method, std::string_view path,
                                const UrlQuery& query, std::string_view error_prefix);

 private:
  const Options& options_;
  HttpClient http_;
};

// The address of an API path, keeping the path of the server's own address.
std::string ApiUrl(std::string_view address, std::string_view path, const UrlQuery& query);

}  // namespace skald::cli
