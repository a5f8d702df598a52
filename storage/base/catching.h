// The border between threads of our own and exceptions, which our code does not throw: mostly it is
// memory that ran out. A thread that let one out would end the process.
#pragma once

#include <exception>
#include <string_view>
#include <type_traits>

#include "storage/base/status.h"

namespace skald {

// What `call`, which returns a Status or StatusOr, returns. Internal, with `context` before what
// the exception says if there is memory for it, when it throws.
template <typename Call>
std::invoke_result_t<Call> Catching(std::string_view context, Call call) {
  try {
    return call();
  } catch (const std::exception& error) {
    try {
      return Internal(StrCat(context, ": ", error.what()));
    } catch (const std::exception&) {
      return absl::InternalError("");
    }
  }
}

// Runs what need not succeed, and may throw: logging, for one, where memory has run out.
template <typename Call>
void Try(Call call) {
  Catching("trying", [&]() -> Status {
    call();
    return absl::OkStatus();
  }).IgnoreError();
}

}  // namespace skald
