// Error handling: absl::Status with two macros, context, and the HTTP status an error asks for.
//
// Codes mean one thing each: InvalidArgument is the caller's fault, ResourceExhausted a limit of
// ours, Unavailable a condition that passes, DataLoss damaged bytes, Internal a bug. An error that
// a Loki client sees with a particular status carries it as a payload (WithHttpStatus).
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/strings.h"

namespace skald {

using absl::Status;
using absl::StatusOr;

inline Status InvalidArgument(std::string_view m) { return absl::InvalidArgumentError(ToAbsl(m)); }
inline Status NotFound(std::string_view m) { return absl::NotFoundError(ToAbsl(m)); }
inline Status Exhausted(std::string_view m) { return absl::ResourceExhaustedError(ToAbsl(m)); }
inline Status Unavailable(std::string_view m) { return absl::UnavailableError(ToAbsl(m)); }
inline Status DataLoss(std::string_view m) { return absl::DataLossError(ToAbsl(m)); }
inline Status Internal(std::string_view m) { return absl::InternalError(ToAbsl(m)); }
inline Status Cancelled(std::string_view m) { return absl::CancelledError(ToAbsl(m)); }
inline Status DeadlineExceeded(std::string_view m) {
  return absl::DeadlineExceededError(ToAbsl(m));
}

// The same error with `context` and ": " before its message; payloads are kept. OK stays OK.
Status Annotate(const Status& status, std::string_view context);

// The same error, asking for `http_status` in place of the default of its code.
Status WithHttpStatus(Status status, int http_status);
// The HTTP status that WithHttpStatus attached, if any.
std::optional<int> HttpStatusOf(const Status& status);

}  // namespace skald

#define SKALD_CONCAT_INNER(a, b) a##b
#define SKALD_CONCAT(a, b) SKALD_CONCAT_INNER(a, b)

// Returns from the function when `expr`, a Status, is an error.
#define RETURN_IF_ERROR(expr)                                                          \
  do {                                                                                 \
    if (::absl::Status skald_status = (expr); !skald_status.ok()) return skald_status; \
  } while (false)

// Evaluates `expr`, a StatusOr; returns its error, or assigns its value to `lhs`.
#define ASSIGN_OR_RETURN(lhs, expr) \
  SKALD_ASSIGN_OR_RETURN_IMPL(SKALD_CONCAT(skald_statusor_, __LINE__), lhs, expr)
#define SKALD_ASSIGN_OR_RETURN_IMPL(statusor, lhs, expr)   \
  auto statusor = (expr);                                  \
  if (!statusor.ok()) return std::move(statusor).status(); \
  lhs = std::move(statusor).value()
