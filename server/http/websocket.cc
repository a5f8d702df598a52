#include "server/http/websocket.h"

#include <algorithm>

#include "storage/base/ascii.h"

namespace skald::http {
namespace {

std::string_view WithoutSpace(std::string_view text) {
  const size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

// True if a header with this name lists the token, in any letter case.
bool Lists(const Request& request, std::string_view name, std::string_view token) {
  for (const auto& [header, value] : request.headers) {
    if (!EqualsIgnoreCase(header, name)) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const size_t comma = std::min(rest.find(','), rest.size());
      if (EqualsIgnoreCase(WithoutSpace(rest.substr(0, comma)), token)) return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

}  // namespace

bool IsWebSocketUpgrade(const Request& request) {
  return request.method == "GET" && request.minor_version == 1 &&
         Lists(request, "Connection", "upgrade") && Lists(request, "Upgrade", "websocket") &&
         Lists(request, "Sec-WebSocket-Version", "13") && request.HasHeader("Sec-WebSocket-Key");
}

}  // namespace skald::http
