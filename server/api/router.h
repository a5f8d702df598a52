// The table of routes, and the search for the one that a path and method mean.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "server/api/call.h"
#include "server/api/errors.h"

namespace skald::api {

// Where a handler runs.
enum class Pool {
  kInline,  // on the network thread: never waits, takes microseconds
  kPush,
  kQuery,
  kDelete,  // of a tenant, and waits for the disk
  kReport,  // about the server: may not wait for anything
  kAdmin,   // rare and possibly slow: waits for the disk
};

enum class Access {
  kTenant,    // names its tenant
  kTenants,   // the same, or several where that is enabled
  kOpen,      // belongs to no tenant
  kOperator,  // is about the whole server: with an access list, for who may use every tenant
};

struct Route {
  std::string_view methods;  // with spaces between: "GET POST"
  std::string_view path;     // at most one `{name}`, a whole segment
  Handler handler;
  Pool pool;
  Access access;
  ErrorStyle errors;
};

// Every route of the server; those of one path stand together.
std::span<const Route> AllRoutes();

// `loki_api_v1_label_name_values`: the route as metrics name it.
std::string RouteLabel(const Route& route);

// Threads: immutable.
class Router {
 public:
  explicit Router(std::span<const Route> routes);

  struct Match {
    const Route* route = nullptr;  // null: no such path
    bool method_allowed = false;
    std::string_view path_value;  // of the `{name}`; points into the path
  };
  Match Find(std::string_view method, std::string_view path) const;

 private:
  struct Pattern {
    std::string_view prefix;  // up to the name
    std::string_view suffix;  // after it
    const Route* route;
  };
  // Per path; with several routes each has methods of its own.
  absl::flat_hash_map<std::string_view, std::span<const Route>> exact_;
  std::vector<Pattern> patterns_;
};

}  // namespace skald::api
