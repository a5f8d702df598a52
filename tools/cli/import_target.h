// Pushes entries to a server, again and again until it acknowledges them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/cli/http_client.h"
#include "tools/cli/options.h"
#include "tools/cli/pace.h"
#include "tools/cli/response.h"

namespace skald::cli {

// Threads: externally synchronised.
class ImportTarget {
 public:
  // `options` names the target as its connection, and must outlive this.
  explicit ImportTarget(const Options& options);

  // Returns once the target has acknowledged every entry. Too many requests and passing troubles
  // are waited out, for some minutes; InvalidArgument with the server's text when it refuses
  // entries (unless those are to be skipped: then it is told on standard error).
  Status Push(const std::vector<LogStream>& streams);

  int64_t entries() const { return entries_; }
  int64_t bytes() const { return bytes_; }  // of lines and metadata

 private:
  Status Send();
  Status Refused(const HttpReply& reply) const;

  const Options& options_;
  const std::string url_;
  HttpClient http_;
  Pace pace_;
  std::string body_;  // a push that is being written, without its end
  int64_t pending_entries_ = 0;
  int64_t pending_bytes_ = 0;
  int64_t entries_ = 0;
  int64_t bytes_ = 0;
};

}  // namespace skald::cli
