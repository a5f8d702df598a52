#include "server/http/request_head.h"

#include <string>
#include <utility>

#include "server/http/target.h"

namespace skald::http {

FramingError ReadRequestHead(const beast::http::request_header<>& head, Request* request) {
  const unsigned version = head.version();
  request->method = std::string(head.method_string());
  request->target = std::string(head.target());
  request->minor_version = version == 10 ? 0 : 1;
  if (version != 10 && version != 11) return {505, "unsupported protocol version"};
  for (const auto& field : head) {
    request->headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  if (FramingError error = CheckFraming(*request); error.status != 0) return error;
  StatusOr<Target> target = ParseTarget(request->target);
  if (!target.ok()) return {400, ""};
  request->path = std::move(target->path);
  request->query = std::move(target->query);
  return {};
}

}  // namespace skald::http
