// HTTP requests over libcurl, with the credentials and headers of the connection options.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"
#include "tools/cli/options.h"

namespace skald::cli {

inline constexpr std::string_view kUserAgent = "loki-logcli/skald";
// Larger answers are refused.
inline constexpr size_t kMaxReplyBytes = size_t{1} << 30;

struct HttpReply {
  int status = 0;
  std::string body;
  std::chrono::seconds retry_after{0};  // what the server asked for; 0 when it did not
};

// A request's body and its media type.
struct HttpBody {
  std::string_view media_type;
  std::string_view bytes;
};

// The headers to send with each request, as `Name: value`. Contradicting or malformed options are
// InvalidArgument, an unreadable token file NotFound.
StatusOr<std::vector<std::string>> RequestHeaders(const ConnectionOptions& options);

// One connection, kept alive between requests. Threads: externally synchronised.
class HttpClient {
 public:
  explicit HttpClient(const ConnectionOptions& options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Sends a request, without a body unless one is given. Unavailable when no answer came.
  StatusOr<HttpReply> Send(const std::string& method, const std::string& url,
                           const std::vector<std::string>& headers,
                           std::optional<HttpBody> body = std::nullopt);

 private:
  void SetTransport();

  const ConnectionOptions& options_;
  void* const handle_;  // a CURL*
};

}  // namespace skald::cli
