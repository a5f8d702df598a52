// gzip for answers to queries, as Loki does it with `frontend.compress_responses`.
#pragma once

#include <string_view>

#include "server/http/response.h"
#include "storage/base/memory_budget.h"

namespace skald::api {

// Whether a client that sends this Accept-Encoding takes gzip.
bool AcceptsGzip(std::string_view accept_encoding);

// Compresses the answer for a client that takes gzip, if it is long enough to be worth it. The
// compressed text is charged to `memory`; when that or the system refuses, the answer stays as it
// is.
void CompressResponse(std::string_view accept_encoding, MemoryBudget* memory,
                      http::Response* response);

}  // namespace skald::api
