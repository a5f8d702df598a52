#include "server/api/errors.h"

#include <string>

#include "storage/base/public_text.h"
#include "storage/base/strings.h"

namespace skald::api {
namespace {

// The text that Loki has for errors that come from nowhere in particular.
std::string ErrorText(const Status& error) {
  switch (error.code()) {
    case absl::StatusCode::kCancelled:
      return "the request was cancelled by the client";
    case absl::StatusCode::kDeadlineExceeded:
      return "request timed out, decrease the duration of the request or add more label matchers "
             "(prefer exact match over regex match) to reduce the amount of data processed";
    default:
      return PublicText(error);
  }
}

// google.rpc.Status with field 2, the message, alone.
std::string EncodeRpcStatus(std::string_view message) {
  std::string out = "\x12";
  size_t size = message.size();
  for (; size >= 0x80; size >>= 7) out += static_cast<char>((size & 0x7f) | 0x80);
  out += static_cast<char>(size);
  out += message;
  return out;
}

}  // namespace

int HttpStatusFor(const Status& error) {
  if (const auto status = HttpStatusOf(error)) return *status;
  switch (error.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kCancelled:
      return 499;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

std::string GrpcText(const Status& error) {
  return StrCat("rpc error: code = Code(", HttpStatusFor(error), ") desc = ", PublicText(error));
}

http::Response ErrorResponse(const Status& error, ErrorStyle style) {
  http::Response response;
  response.status = HttpStatusFor(error);
  if (response.status == 429 || response.status == 503) {
    response.headers.emplace_back("Retry-After", "1");
  }
  if (style == ErrorStyle::kOtlp && response.status != 401) {
    // An exporter gives up on a 500 and tries again after a 503.
    if (response.status == 500) response.status = 503;
    response.content_type = "application/octet-stream";
    response.body.Append(EncodeRpcStatus(ErrorText(error)));
    return response;
  }
  response.content_type = "text/plain; charset=utf-8";
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.body.Append(ErrorText(error));
  if (style != ErrorStyle::kQuery) response.body.Append("\n");
  return response;
}

}  // namespace skald::api
