// What the command line and the environment say: one plain struct that every command reads.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace skald::cli {

enum class OutputMode { kDefault, kRaw, kJsonLines };

// How to reach the server, and as whom.
struct ConnectionOptions {
  std::string address = "http://localhost:3100";  // a path in it is kept
  std::string username;
  std::string password;
  std::string ca_cert;
  bool tls_skip_verify = false;
  std::string client_cert;
  std::string client_key;
  std::string org_id;
  std::string query_tags;
  bool no_cache = false;
  std::string bearer_token;
  std::string bearer_token_file;
  std::string auth_header = "Authorization";
  int64_t retries = 0;
  std::chrono::seconds min_backoff{0};
  std::chrono::seconds max_backoff{0};
  std::string proxy_url;
  bool compress = false;
  bool env_proxy = false;
  std::chrono::seconds timeout{0};   // of a request; 0: none
  std::vector<std::string> headers;  // `Name: value`
};

// How log entries are shown.
struct PrintOptions {
  OutputMode mode = OutputMode::kDefault;
  std::string timezone = "Local";
  std::string timestamp_format = "rfc3339";
  bool no_labels = false;
  std::vector<std::string> exclude_labels;
  std::vector<std::string> include_labels;
  bool include_common_labels = false;
  int64_t labels_length = 0;
  bool colored = false;

  // Whether a label may be shown, by the labels that are excluded or alone included.
  bool Shows(const std::string& label) const;
};

// The span of time that a command looks at, as given.
struct RangeOptions {
  std::chrono::nanoseconds since = std::chrono::hours(1);
  std::string from;
  std::string to;
};

// Downloads of a long range in several jobs.
struct ParallelOptions {
  std::chrono::nanoseconds duration = std::chrono::hours(1);
  int64_t max_workers = 1;
  std::string part_path_prefix;
  bool overwrite_completed_parts = false;
  bool merge_parts = false;
  bool keep_parts = false;
};

// Moving entries from another server.
struct ImportOptions {
  ConnectionOptions source;
  RangeOptions range = {std::chrono::hours(24 * 30), "", ""};
  std::string state_file = "skald-import.json";
  std::chrono::nanoseconds window = std::chrono::hours(1);
  uint64_t bytes_per_second = 0;  // 0: as fast as it goes
  bool skip_refused = false;
};

struct Options {
  std::string command;  // full name, such as `delete create`
  bool quiet = false;
  bool stats = false;
  bool explain = false;
  bool chart = false;
  bool from_stdin = false;
  ConnectionOptions connection;
  PrintOptions print;
  RangeOptions range;
  ParallelOptions parallel;
  ImportOptions import;

  std::string query;             // or matcher
  std::string name;              // a label or a field
  std::string now;               // instant queries
  std::optional<int64_t> limit;  // each command has its own default
  int64_t line_limit = 1000;
  int64_t batch = 1000;
  std::optional<std::chrono::nanoseconds> step;
  std::optional<std::chrono::nanoseconds> interval;
  bool forward = false;
  bool tail = false;
  int64_t delay_for = 0;
  bool analyze_labels = false;
  std::vector<std::string> target_labels;
  bool aggregate_by_labels = false;
  std::string max_interval;
  std::string request_id;
  bool force = false;
  bool full = false;       // merge until nothing is left to merge
  std::string shell;       // bash, zsh or fish
  std::string shell_word;  // what bash takes for the current word
  std::string plan;        // a configuration file
  std::chrono::nanoseconds plan_look_back = std::chrono::hours(24 * 90);
  // Accepted for the sake of scripts; this tool has no storage of Loki's to read.
  std::string store_config;
  bool remote_schema = false;
  std::string ignored;  // profile files and the log level
};

}  // namespace skald::cli
