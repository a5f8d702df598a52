#include "tools/cli/loki_client.h"

#include <algorithm>
#include <thread>

#include "storage/base/go_quote.h"
#include "tools/cli/chatter.h"
#include "tools/cli/syntax_caret.h"

namespace skald::cli {
namespace {

std::string Capitalised(std::string method) {
  for (size_t i = 1; i < method.size(); ++i) method[i] = static_cast<char>(method[i] | 0x20);
  return method;
}

// Doubles from the least to the most; at once when neither is set.
void WaitBefore(int64_t attempt, const ConnectionOptions& options) {
  auto wait = options.min_backoff * (int64_t{1} << std::min<int64_t>(attempt, 16));
  std::this_thread::sleep_for(std::min(wait, std::max(options.min_backoff, options.max_backoff)));
}

}  // namespace

std::string ApiUrl(std::string_view address, std::string_view path, const UrlQuery& query) {
  while (!address.empty() && address.back() == '/') address.remove_suffix(1);
  std::string url = StrCat(address, path);
  if (!query.empty()) StrAppend(&url, "?", EncodeQuery(query));
  return url;
}

StatusOr<std::string> LokiClient::Get(std::string_view path, const UrlQuery& query) {
  return Request("GET", path, query, "error response from server");
}

StatusOr<std::string> LokiClient::Request(const std::string& method, std::string_view path,
                                          const UrlQuery& query, std::string_view error_prefix) {
  std::string url = ApiUrl(options_.connection.address, path, query);
  if (!options_.quiet) Say(url);
  ASSIGN_OR_RETURN(std::vector<std::string> headers, RequestHeaders(options_.connection));
  int64_t left = std::max<int64_t>(options_.connection.retries, 0);
  for (int64_t attempt = 0; left >= 0; ++attempt, --left) {
    if (attempt > 0) WaitBefore(attempt - 1, options_.connection);
    auto reply = http_.Send(method, url, headers);
    if (!reply.ok()) {
      Say(StrCat("error sending request ", Capitalised(method), " ", GoQuote(url), ": ",
                 Message(reply.status())));
      continue;
    }
    if (reply->status / 100 == 2) return std::move(reply->body);
    Say(StrCat(error_prefix, ": ", reply->body, " (<nil>) attempts remaining: ", left));
    ShowSyntaxCaret(options_.query, reply->body);
  }
  return Unavailable("run out of attempts while querying the server");
}

}  // namespace skald::cli
