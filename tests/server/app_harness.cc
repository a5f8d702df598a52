#include "tests/server/app_harness.h"

#include <cstdlib>

#include "storage/base/check.h"
#include "storage/base/strings.h"

namespace skald {

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "skald-test-XXXXXX").string();
  SKALD_CHECK(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

config::Config TestConfig(const TemporaryDirectory& directory) {
  config::Config config;
  config.auth_enabled = false;
  config.server.http_listen_address = "127.0.0.1";
  config.server.http_listen_port = 0;
  config.skald.data_dir = directory.path() / "skald";
  config.skald.memory_limit = 512_MiB;
  config.limits.ingest.reject_old_samples = false;
  config.limits.retention_period = std::chrono::nanoseconds(0);
  return config;
}

std::unique_ptr<App> StartApp(const config::Config& config) {
  auto app = App::Start(config);
  SKALD_CHECK(app.ok());
  return *std::move(app);
}

std::string Ask(const App& app, std::string_view request) {
  return http::Ask(app.http_port(), request);
}

std::string PushJson(const App& app, std::string_view body, std::string_view headers) {
  return Ask(app, http::Post("/loki/api/v1/push", body,
                             StrCat("Content-Type: application/json\r\n", headers)));
}

}  // namespace skald
