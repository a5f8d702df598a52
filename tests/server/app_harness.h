// The whole server in the test's process, on a temporary directory and a free port.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "server/app.h"
#include "server/config/config.h"
#include "tests/server/raw_client.h"

namespace skald {

// Removed with everything in it at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// The settings of a server in `directory` that takes entries of any age.
config::Config TestConfig(const TemporaryDirectory& directory);

// Starts it; ends the test when that fails.
std::unique_ptr<App> StartApp(const config::Config& config);

// Sends a request to the server and returns the response.
std::string Ask(const App& app, std::string_view request);
// Pushes JSON; returns the response.
std::string PushJson(const App& app, std::string_view body, std::string_view headers = "");

}  // namespace skald
