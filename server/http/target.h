// Request targets and forms: percent-decoding, path cleaning, parameters.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/base/status.h"

namespace skald::http {

// The parts of a request target, absolute (`http://host/path?query`) or not.
struct Target {
  std::string path;   // percent-decoded
  std::string query;  // as sent
};

// InvalidArgument for what is no target: an unknown form, a bad percent escape in the path.
StatusOr<Target> ParseTarget(std::string_view target);

// The path without `.`, `..` and empty segments; a trailing slash stays. Always begins with `/`.
std::string CleanPath(std::string_view path);

// The path percent-encoded where a URL needs it.
std::string EncodePath(std::string_view path);

// Parameters of a query string or form body, in order. Threads: externally synchronised.
class Form {
 public:
  // More parameters than anybody asks with. Each costs far more memory than its text.
  static constexpr size_t kMaxParameters = 10'000;

  // Adds what `text` (a=b&c=d) holds. InvalidArgument with Go's text when some of it is malformed;
  // the rest is taken, but no more than kMaxParameters in all.
  Status Add(std::string_view text);

  // What it holds, in bytes.
  uint64_t memory() const;

  // The first value of a name; empty when there is none.
  std::string_view Get(std::string_view name) const;
  bool Has(std::string_view name) const;
  std::vector<std::string_view> GetAll(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

}  // namespace skald::http
