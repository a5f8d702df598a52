// One HTTP request as the service sees it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/base/memory_budget.h"

namespace skald::http {

// Owned by its session; the body is complete when Exchange::Handle is called.
// Threads: externally synchronised; the network thread does not touch it while it is handled.
struct Request {
  std::string method;
  std::string target;  // as sent
  std::string path;    // of the target, percent-decoded
  std::string query;   // of the target, as sent
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string peer;  // address and port
  int minor_version = 1;
  Reservation memory;  // what the body holds of the budget

  // The first header of this name in any letter case; empty when there is none.
  std::string_view Header(std::string_view name) const;
  bool HasHeader(std::string_view name) const;
};

}  // namespace skald::http
