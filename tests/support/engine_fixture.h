// A storage engine on a file system in memory whose operations can be made to fail and whose power
// can be cut, with time that is moved by hand: what the tests of the whole engine stand on.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "storage/engine.h"
#include "tests/support/engine_harness.h"
#include "tests/support/fault_file_system.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/plain_deletes.h"

namespace skald::test_support {

inline constexpr int64_t kDay = 24 * storage::kNanosPerHour;

// Base of test classes. Threads: externally synchronised.
class EngineFixture {
 protected:
  // The clock stands at `now`. The options of the engines to come are those of a server, but that
  // nothing is frozen for its age or merged in the background, and that no space need be free.
  explicit EngineFixture(int64_t now = 1000 * kDay);
  ~EngineFixture() = default;

  // Closes the engine, if one is open, and opens one with options_.
  Status TryOpen();
  // The same; expects that it succeeds.
  void Open();
  // Cuts the power; the engine is gone, and what survives of unsynced bytes is up to `seed`.
  void Crash(uint64_t seed);
  // An empty data directory for the next engine.
  void UseNewDirectory();

  // Appends rows in one push; expects that it is acknowledged.
  void PushRows(const std::vector<PlainRow>& rows, const std::string& tenant = "t");
  // The rows that are shown; expects that they can be read.
  std::vector<PlainRow> Rows(const std::string& tenant = "t");
  // Flushes and merges all that can be merged; expects that it succeeds.
  void FlushAndCompact();
  // Part files of all tenants, with those that only snapshots still hold.
  size_t PartFiles();
  std::string TenantDirectory(int number = 1) const;

  ManualClock clock_;
  MemoryFileSystem files_;
  FaultFileSystem faults_{&files_};
  PlainRowDecoder decoder_;
  PlainDeleteCompiler delete_compiler_;
  storage::EngineOptions options_;
  std::unique_ptr<storage::Engine> engine_;
};

}  // namespace skald::test_support
