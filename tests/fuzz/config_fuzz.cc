// Fuzzes the configuration file: every text loads or is refused, with and without the environment.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "server/config/load.h"
#include "tests/support/memory_file_system.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace skald;
  MemoryFileSystem files;
  auto file = files.NewWritableFile("config.yaml");
  if (!file.ok() || !(*file)->Append({reinterpret_cast<const char*>(data), size}).ok()) return 0;
  (*file)->Close().IgnoreError();
  config::CommandLine command_line;
  const auto environment = [](std::string_view name) -> std::optional<std::string> {
    if (name == "PORT") return "3100";
    return std::nullopt;
  };
  for (const bool expand : {false, true}) {
    command_line.expand_env = expand;
    config::LoadConfig(command_line, &files, environment).status().IgnoreError();
  }
  return 0;
}
