// Responses with JSON, under the content types that Loki's endpoints have.
#pragma once

#include <string_view>
#include <utility>

#include "server/http/response.h"
#include "server/http/text.h"

namespace skald::api {

inline constexpr std::string_view kQueryJson = "application/json; charset=UTF-8";
inline constexpr std::string_view kStatusJson = "application/json; charset=utf-8";
inline constexpr std::string_view kPlainJson = "application/json";
inline constexpr std::string_view kPlainText = "text/plain; charset=utf-8";

inline http::Response TextResponse(std::string_view content_type, http::Text body) {
  http::Response response;
  response.content_type = content_type;
  response.body = std::move(body);
  return response;
}

}  // namespace skald::api
