#include "tools/cli/http_client.h"

#include <curl/curl.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"

namespace skald::cli {
namespace {

size_t Append(char* data, size_t size, size_t count, void* out) {
  auto* body = static_cast<std::string*>(out);
  if (body->size() + size * count > kMaxReplyBytes) return 0;
  body->append(data, size * count);
  return size * count;
}

StatusOr<std::string> ReadToken(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    return NotFound(StrCat("unable to read authorization credentials file ", path, ": open ", path,
                           ": ", std::strerror(errno)));
  }
  std::ostringstream text;
  text << file.rdbuf();
  return std::string(ToStd(absl::StripAsciiWhitespace(text.str())));
}

Status AddCredentials(const ConnectionOptions& o, std::vector<std::string>* headers) {
  bool basic = !o.username.empty() || !o.password.empty();
  bool bearer = !o.bearer_token.empty() || !o.bearer_token_file.empty();
  if (basic && bearer) {
    return InvalidArgument(
        "at most one of HTTP basic auth (username/password), bearer-token & bearer-token-file is "
        "allowed to be configured");
  }
  if (!o.bearer_token.empty() && !o.bearer_token_file.empty()) {
    return InvalidArgument(
        "at most one of the options bearer-token & bearer-token-file is allowed to be configured");
  }
  if (basic) {
    std::string pair = absl::Base64Escape(StrCat(o.username, ":", o.password));
    headers->push_back(StrCat(o.auth_header, ": Basic ", pair));
  }
  if (bearer) {
    std::string token = o.bearer_token;
    if (token.empty()) {
      ASSIGN_OR_RETURN(token, ReadToken(o.bearer_token_file));
    }
    headers->push_back(StrCat(o.auth_header, ": Bearer ", token));
  }
  return absl::OkStatus();
}

bool HasLineBreak(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

}  // namespace

StatusOr<std::vector<std::string>> RequestHeaders(const ConnectionOptions& options) {
  std::vector<std::string> headers = {StrCat("User-Agent: ", kUserAgent)};
  for (const std::string& header : options.headers) {
    size_t colon = header.find(':');
    if (colon == std::string::npos) {
      return InvalidArgument(
          StrCat("invalid header format: \"", header, "\". Expected format: 'Header-Name: value'"));
    }
    std::string_view value(header);
    headers.push_back(StrCat(absl::StripAsciiWhitespace(ToAbsl(value.substr(0, colon))), ": ",
                             absl::StripAsciiWhitespace(ToAbsl(value.substr(colon + 1)))));
  }
  RETURN_IF_ERROR(AddCredentials(options, &headers));
  if (options.no_cache) headers.push_back("Cache-Control: no-cache");
  if (!options.org_id.empty()) headers.push_back(StrCat("X-Scope-OrgID: ", options.org_id));
  if (!options.query_tags.empty()) headers.push_back(StrCat("X-Query-Tags: ", options.query_tags));
  for (const std::string& header : headers) {
    if (HasLineBreak(header)) return InvalidArgument("a header value holds a line break");
  }
  return headers;
}

HttpClient::HttpClient(const ConnectionOptions& options)
    : options_(options), handle_(curl_easy_init()) {
  SetTransport();
}

HttpClient::~HttpClient() { curl_easy_cleanup(handle_); }

void HttpClient::SetTransport() {
  CURL* curl = handle_;
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Append);
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 10L);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, static_cast<long>(options_.timeout.count()));
  if (options_.compress) curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
  if (!options_.proxy_url.empty()) {
    curl_easy_setopt(curl, CURLOPT_PROXY, options_.proxy_url.c_str());
  } else if (!options_.env_proxy) {
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
  }
  if (!options_.ca_cert.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, options_.ca_cert.c_str());
  if (!options_.client_cert.empty()) {
    curl_easy_setopt(curl, CURLOPT_SSLCERT, options_.client_cert.c_str());
    curl_easy_setopt(curl, CURLOPT_SSLKEY, options_.client_key.c_str());
  }
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, options_.tls_skip_verify ? 0L : 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, options_.tls_skip_verify ? 0L : 2L);
}

StatusOr<HttpReply> HttpClient::Send(const std::string& method, const std::string& url,
                                     const std::vector<std::string>& headers,
                                     std::optional<HttpBody> body) {
  HttpReply reply;
  CURL* curl = handle_;
  curl_slist* list = nullptr;
  for (const std::string& header : headers) list = curl_slist_append(list, header.c_str());
  if (body.has_value()) {
    list = curl_slist_append(list, StrCat("Content-Type: ", body->media_type).c_str());
    list = curl_slist_append(list, "Expect:");  // or curl waits before it sends a large body
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(body->bytes.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->bytes.data());
  } else {
    curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
  }
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reply.body);
  CURLcode code = curl_easy_perform(curl);
  curl_slist_free_all(list);
  if (code != CURLE_OK) return Unavailable(curl_easy_strerror(code));
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  reply.status = static_cast<int>(status);
  curl_off_t retry_after = 0;
  curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after);
  reply.retry_after = std::chrono::seconds(retry_after);
  return reply;
}

}  // namespace skald::cli
