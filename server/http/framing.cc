#include "server/http/framing.h"

#include <algorithm>

#include "storage/base/ascii.h"

namespace skald::http {
namespace {

size_t CountOf(const Request& head, std::string_view name) {
  return static_cast<size_t>(
      std::count_if(head.headers.begin(), head.headers.end(),
                    [name](const auto& header) { return EqualsIgnoreCase(header.first, name); }));
}

bool IsNumber(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

FramingError CheckFraming(const Request& head) {
  const size_t hosts = CountOf(head, "Host");
  if (hosts > 1) return {400, "too many Host headers"};
  if (hosts == 0 && head.minor_version == 1) return {400, "missing required Host header"};
  const size_t lengths = CountOf(head, "Content-Length");
  const size_t codings = CountOf(head, "Transfer-Encoding");
  if (lengths > 1 || (lengths == 1 && !IsNumber(head.Header("Content-Length")))) {
    return {400, "bad Content-Length"};
  }
  if (codings == 0) return {};
  if (lengths > 0 || head.minor_version == 0) return {400, "unexpected Transfer-Encoding"};
  if (codings > 1 || !EqualsIgnoreCase(head.Header("Transfer-Encoding"), "chunked")) {
    return {501, "unsupported transfer encoding"};
  }
  return {};
}

}  // namespace skald::http
