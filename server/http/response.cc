#include "server/http/response.h"

#include <algorithm>
#include <array>

#include "absl/time/time.h"
#include "storage/base/strings.h"

namespace skald::http {
namespace {

constexpr std::array<std::pair<int, std::string_view>, 22> kStatusTexts = {{
    {100, "Continue"},
    {200, "OK"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Request Entity Too Large"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Entity"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
}};

// A header's value must not end its line.
void AppendHeader(std::string* out, std::string_view name, std::string_view value) {
  StrAppend(out, name, ": ");
  std::transform(value.begin(), value.end(), std::back_inserter(*out),
                 [](char c) { return c == '\r' || c == '\n' ? ' ' : c; });
  *out += "\r\n";
}

}  // namespace

std::string_view StatusText(int status) {
  const auto* found = std::find_if(kStatusTexts.begin(), kStatusTexts.end(),
                                   [status](const auto& entry) { return entry.first == status; });
  return found == kStatusTexts.end() ? std::string_view() : found->second;
}

std::string SerializeHead(const Response& response, int minor_version, bool keep_alive,
                          std::string_view date) {
  std::string head = StrCat("HTTP/1.", minor_version, " ", response.status, " ");
  const std::string_view text = StatusText(response.status);
  head += text.empty() ? StrCat("status code ", response.status) : std::string(text);
  head += "\r\n";
  if (!response.content_type.empty()) AppendHeader(&head, "Content-Type", response.content_type);
  for (const auto& [name, value] : response.headers) AppendHeader(&head, name, value);
  AppendHeader(&head, "Date", date);
  if (response.status != 204) AppendHeader(&head, "Content-Length", StrCat(response.body.size()));
  if (!keep_alive) {
    AppendHeader(&head, "Connection", "close");
  } else if (minor_version == 0) {
    AppendHeader(&head, "Connection", "keep-alive");
  }
  head += "\r\n";
  return head;
}

std::string HttpDate(int64_t unix_seconds) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::FromUnixSeconds(unix_seconds),
                          absl::UTCTimeZone());
}

}  // namespace skald::http
