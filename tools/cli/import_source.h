// Reads every entry of a server through its query API, with labels and structured metadata apart.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/cli/loki_client.h"
#include "tools/cli/response.h"
#include "tools/cli/time_text.h"

namespace skald::cli {

// Threads: externally synchronised.
class ImportSource {
 public:
  using Sink = std::function<Status(const std::vector<LogStream>&)>;

  // `options` names the source as its connection, and must outlive this. An empty `selector` stands
  // for every stream.
  ImportSource(const Options& options, std::string selector)
      : options_(options), selector_(std::move(selector)), client_(options) {}

  // Hands each entry of [span.start, span.end) over once, those of a stream oldest first; entries
  // of one time keep their order. Returns how many pages that took.
  StatusOr<int64_t> Read(const TimeSpan& span, const Sink& sink);

 private:
  StatusOr<int64_t> ReadSelector(const std::string& selector, TimeSpan span, const Sink& sink);
  StatusOr<int64_t> ReadMoment(const std::string& selector, int64_t time, const Sink& sink);
  StatusOr<std::vector<LogStream>> FetchPage(const std::string& selector, const TimeSpan& span);

  const Options& options_;
  const std::string selector_;
  LokiClient client_;
};

}  // namespace skald::cli
