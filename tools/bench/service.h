// Services of the corpus, as the files in tools/bench/corpus describe them.
//
//   # comment
//   service checkout
//   labels namespace=prod team=payments
//   pods 6                       streams of the service: one a pod
//   weight 20                    its lines, relative to other services'
//   metadata trace_id <trace>    structured metadata of every line
//   line 60 {"msg":"…"}          a template and how often it occurs, relative to the others
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/base/status.h"
#include "tools/bench/line_template.h"

namespace skald::bench {

struct Service {
  std::string name;
  std::vector<std::pair<std::string, std::string>> labels;
  uint64_t pods = 1;
  uint64_t weight = 1;
  std::vector<std::pair<std::string, LineTemplate>> metadata;
  std::vector<std::pair<uint64_t, LineTemplate>> lines;  // weight, template; never empty
};

// InvalidArgument names the line that is wrong.
StatusOr<Service> ParseService(std::string_view text);

// All `*.service` files of a directory, by name.
StatusOr<std::vector<Service>> LoadServices(const std::string& directory);

}  // namespace skald::bench
