// Errors as HTTP: the one place where a Status becomes a status code, headers and body.
#pragma once

#include <string>

#include "server/http/response.h"
#include "storage/base/status.h"

namespace skald::api {

enum class ErrorStyle {
  kQuery,  // the bare message
  kPlain,  // the message and a line feed
  kOtlp,   // a google.rpc.Status message
};

// The HTTP status that the error carries, else that of its code. REQUIRES: !error.ok().
int HttpStatusFor(const Status& error);

// As clients of tails are told it, in the words of gRPC. REQUIRES: !error.ok().
std::string GrpcText(const Status& error);

http::Response ErrorResponse(const Status& error, ErrorStyle style);

}  // namespace skald::api
