// One fault that is carried on from, and another one while that is done: what engine_fault_test.cc,
// with its single fault a life, cannot show.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/engine_fixture.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::EngineFixture;
using ::skald::test_support::PlainRow;
using ::skald::test_support::Push;
using ::skald::test_support::ReadRows;

template <typename Condition>
void WaitUntil(Condition condition) {
  for (int i = 0; i < 30'000 && !condition(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

class TwoFaultsTest : public ::testing::Test, protected EngineFixture {
 protected:
  // Opens an engine on `disk`, which must outlive it.
  void OpenOn(FaultFileSystem* disk) {
    options_.files = disk;
    Open();
  }
  // The process ends here; what it would do yet does not reach the disk.
  void Kill(FaultFileSystem* disk) {
    disk->CutPowerAfter(0);
    engine_.reset();
    disk->Heal();
  }
};

// Once armed: the manifest is renamed into its place, but the sync of the directory fails; after
// that no file can be made for the second tenant.
class FullAfterManifest : public FaultFileSystem {
 public:
  FullAfterManifest(FileSystem* files, std::string directory)
      : FaultFileSystem(files), directory_(std::move(directory)) {}

  Status RenameFile(const std::string& from, const std::string& to) override {
    if (armed && from.ends_with("MANIFEST.new")) sync_fails_ = true;
    return FaultFileSystem::RenameFile(from, to);
  }
  Status SyncDirectory(const std::string& path) override {
    if (path == directory_ && sync_fails_.exchange(false)) {
      is_full_ = true;
      return Unavailable("input/output error");
    }
    return FaultFileSystem::SyncDirectory(path);
  }
  StatusOr<std::unique_ptr<WritableFile>> NewWritableFile(const std::string& path) override {
    if (armed && is_full_ && path.find("tenants/2/") != path.npos) {
      return Unavailable("no space left on device");
    }
    return FaultFileSystem::NewWritableFile(path);
  }

  std::atomic<bool> armed{false};

 private:
  const std::string directory_;
  std::atomic<bool> sync_fails_{false};
  std::atomic<bool> is_full_{false};
};

TEST_F(TwoFaultsTest, AFailedFlushLeavesAloneWhatTheManifestMayName) {
  options_.relog_tenant_bytes = 0;
  FullAfterManifest disk(&files_, options_.directory);
  OpenOn(&disk);
  for (const char* tenant : {"a", "b"}) {
    ASSERT_OK(Push(engine_.get(), tenant, {{"{app=\"x\"}", 1, "acknowledged", {}}}));
  }
  disk.FailNth(FileOperation::kSync, 1, Unavailable("input/output error"), "/MANIFEST");
  disk.armed = true;
  EXPECT_FALSE(engine_->Flush().ok());
  WaitUntil([&] { return engine_->Stats().flush_failures >= 2; });
  Kill(&disk);
  disk.armed = false;
  Open();
  for (const char* tenant : {"a", "b"}) {
    ASSERT_OK_AND_ASSIGN(const auto rows, ReadRows(engine_.get(), tenant));
    EXPECT_EQ(rows.size(), 1u) << "of tenant " << tenant;
  }
  engine_.reset();
}

// Power goes when the first log segment is removed, which is right after a flush.
class CutAtFirstRemoval : public FaultFileSystem {
 public:
  using FaultFileSystem::FaultFileSystem;
  Status RemoveFile(const std::string& path) override {
    if (armed && path.find("/wal/") != path.npos) {
      CutPowerAfter(0);
      is_cut = true;
    }
    return FaultFileSystem::RemoveFile(path);
  }
  std::atomic<bool> armed{false};
  std::atomic<bool> is_cut{false};
};

// Small tenants are logged again, and the commit of the first ones fails: which sync of the log
// that is, and how many copies it holds, is up to chance.
TEST_F(TwoFaultsTest, EveryCopyOfASmallTenantIsAwaited) {
  constexpr int kTenants = 20;
  options_.memtable_bytes = 4 << 20;
  options_.relog_tenant_bytes = 256 << 10;
  Random random(1);
  for (uint64_t run = 0; run < 16; ++run) {
    UseNewDirectory();
    CutAtFirstRemoval disk(&files_);
    OpenOn(&disk);
    int64_t time = 0;
    for (int tenant = 0; tenant < kTenants; ++tenant) {
      std::vector<PlainRow> rows;
      for (int i = 0; i < 50; ++i) {
        std::string line(1000, ' ');  // that does not compress, so that copying takes a while
        for (char& c : line) c = static_cast<char>('a' + random.Below(26));
        rows.push_back({"{app=\"small\"}", ++time, std::move(line), {}});
      }
      ASSERT_OK(Push(engine_.get(), "t" + std::to_string(tenant), rows));
    }
    disk.FailNth(FileOperation::kSync, 2 + run % 4, Unavailable("broken"), "/wal/");
    disk.armed = true;
    std::vector<PlainRow> large;
    for (int i = 0; i < 4000; ++i) {
      large.push_back({"{app=\"large\"}", ++time, std::string(1000, 'x'), {}});
    }
    Push(engine_.get(), "large", large).IgnoreError();
    WaitUntil([&] { return disk.is_cut.load(); });
    Kill(&disk);
    files_.Crash(run);
    disk.armed = false;
    Open();
    for (int tenant = 0; tenant < kTenants; ++tenant) {
      ASSERT_OK_AND_ASSIGN(const auto rows, ReadRows(engine_.get(), "t" + std::to_string(tenant)));
      EXPECT_EQ(rows.size(), 50u) << "of tenant " << tenant << " in run " << run;
    }
    engine_.reset();
  }
}

}  // namespace
}  // namespace skald::storage
