// The contract of FileSystem, held against the machine's and the one in memory; then what the
// latter forgets, and what the fault file system breaks.
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <thread>

#include "storage/base/disk_full.h"
#include "storage/base/file_system.h"
#include "storage/base/public_text.h"
#include "tests/support/fault_file_system.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/status_matchers.h"

namespace skald {
namespace {

using absl::StatusCode;
using testing::UnorderedElementsAre;

Status Write(FileSystem* files, const std::string& path, std::string_view bytes,
             bool sync = false) {
  ASSIGN_OR_RETURN(const auto file, files->NewAppendableFile(path));
  RETURN_IF_ERROR(file->Append(bytes));
  if (sync) RETURN_IF_ERROR(file->Sync());
  return file->Close();
}

enum class Kind { kPosix, kMemory };

class FileSystemTest : public testing::TestWithParam<Kind> {
 protected:
  FileSystemTest() {
    std::filesystem::remove_all(root_);
    files_ = GetParam() == Kind::kPosix ? FileSystem::Posix() : &memory_;
    EXPECT_OK(files_->CreateDirectories(root_ + "/a/b"));
  }
  ~FileSystemTest() override { std::filesystem::remove_all(root_); }

  // A directory of this process' own: other tests run at the same time.
  const std::string root_ = testing::TempDir() + "/file_system_test." + std::to_string(getpid());
  const std::string path_ = root_ + "/a/file";
  MemoryFileSystem memory_;
  FileSystem* files_ = nullptr;
};

TEST_P(FileSystemTest, AppendsAndReads) {
  ASSERT_OK_AND_ASSIGN(auto file, files_->NewWritableFile(path_));
  EXPECT_OK(file->Append("hello "));
  EXPECT_OK(file->Append(""));
  EXPECT_OK(file->Append("world"));
  file->StartWriteback();
  EXPECT_OK(file->Sync());
  file->StartWriteback();
  EXPECT_OK(file->Close());
  EXPECT_THAT(files_->FileSize(path_), IsOkAndHolds(11u));
  EXPECT_THAT(ReadWholeFile(files_, path_), IsOkAndHolds(std::string("hello world")));

  ASSERT_OK_AND_ASSIGN(auto reader, files_->NewRandomAccessFile(path_));
  EXPECT_EQ(reader->size(), 11u);
  std::string first(5, 0), second(4, 0);
  const ReadRange ranges[] = {{6, 5, first.data()}, {1, 4, second.data()}, {11, 0, nullptr}};
  EXPECT_OK(reader->ReadRanges(ranges));
  EXPECT_EQ(first, "world");
  EXPECT_EQ(second, "ello");
  for (const ReadRange& past : {ReadRange{7, 5, first.data()}, ReadRange{100, 1, first.data()}}) {
    EXPECT_THAT(reader->ReadRanges({&past, 1}), StatusIs(StatusCode::kDataLoss));
  }
}

TEST_P(FileSystemTest, OpensForWritingByEmptyingOrAppending) {
  ASSERT_OK(Write(files_, path_, "one"));
  ASSERT_OK(Write(files_, path_, "two"));
  EXPECT_THAT(ReadWholeFile(files_, path_), IsOkAndHolds(std::string("onetwo")));
  EXPECT_OK(files_->NewWritableFile(path_).status());
  EXPECT_THAT(ReadWholeFile(files_, path_), IsOkAndHolds(std::string()));
}

TEST_P(FileSystemTest, MissingNamesAreNotFound) {
  const std::string missing = root_ + "/missing/file";
  EXPECT_THAT(files_->NewRandomAccessFile(path_), StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(files_->NewWritableFile(missing), StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(files_->NewAppendableFile(missing), StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(files_->FileSize(path_), StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(files_->RemoveFile(path_), StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(files_->RenameFile(path_, missing), StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(files_->TruncateFile(path_, 0), StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(files_->ListDirectory(root_ + "/missing"), StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(files_->SyncDirectory(root_ + "/missing"), StatusIs(StatusCode::kNotFound));
  EXPECT_FALSE(files_->FileExists(path_));
}

TEST_P(FileSystemTest, RenamesReplacesRemovesTruncates) {
  const std::string other = root_ + "/a/b/other";
  ASSERT_OK(Write(files_, path_, "new"));
  ASSERT_OK(Write(files_, other, "old"));
  EXPECT_OK(files_->RenameFile(path_, other));
  EXPECT_FALSE(files_->FileExists(path_));
  EXPECT_THAT(ReadWholeFile(files_, other), IsOkAndHolds(std::string("new")));
  EXPECT_OK(files_->TruncateFile(other, 1));
  EXPECT_THAT(ReadWholeFile(files_, other), IsOkAndHolds(std::string("n")));
  EXPECT_OK(files_->RemoveFile(other));
  EXPECT_FALSE(files_->FileExists(other));
}

TEST_P(FileSystemTest, ListsDirectories) {
  ASSERT_OK(Write(files_, path_, ""));
  ASSERT_OK_AND_ASSIGN(const auto names, files_->ListDirectory(root_ + "/a"));
  EXPECT_THAT(names, UnorderedElementsAre("b", "file"));
  EXPECT_OK(files_->SyncDirectory(root_ + "/a"));
  EXPECT_OK(files_->CreateDirectories(root_ + "/a/b"));
  EXPECT_FALSE(files_->CreateDirectories(path_ + "/below").ok());
  EXPECT_FALSE(files_->CreateDirectories(path_).ok());
}

TEST_P(FileSystemTest, LocksOnce) {
  const std::string path = root_ + "/LOCK";
  ASSERT_OK_AND_ASSIGN(auto lock, files_->LockFile(path));
  EXPECT_THAT(files_->LockFile(path), StatusIs(StatusCode::kUnavailable));
  lock.reset();
  EXPECT_OK(files_->LockFile(path).status());
}

TEST_P(FileSystemTest, KnowsFreeSpace) {
  ASSERT_OK_AND_ASSIGN(const uint64_t bytes, files_->FreeSpace(root_));
  EXPECT_GT(bytes, 0u);
}

INSTANTIATE_TEST_SUITE_P(Both, FileSystemTest, testing::Values(Kind::kPosix, Kind::kMemory),
                         [](const auto& instance) {
                           return instance.param == Kind::kPosix ? "Posix" : "Memory";
                         });

TEST(PosixFileSystemTest, NamesPathsInTheLogOnly) {
  const std::string path = testing::TempDir() + "/no/such/file";
  const Status error = FileSystem::Posix()->NewRandomAccessFile(path).status();
  EXPECT_THAT(std::string(Message(error)), testing::HasSubstr(path));
  EXPECT_THAT(PublicText(error), testing::EndsWith(": No such file or directory"));
}

TEST(PosixFileSystemTest, SaysThatTheDiskIsFull) {
  ASSERT_OK_AND_ASSIGN(const auto full, FileSystem::Posix()->NewAppendableFile("/dev/full"));
  const Status status = full->Append("x");
  EXPECT_THAT(status, StatusIs(StatusCode::kUnavailable));
  EXPECT_TRUE(IsDiskFull(Annotate(status, "writing")));
  EXPECT_FALSE(IsDiskFull(FileSystem::Posix()->NewRandomAccessFile("/nowhere/at/all").status()));
}

TEST(PosixFileSystemTest, KeepsOthersOut) {
  FileSystem* files = FileSystem::Posix();
  const std::string root = testing::TempDir() + "/posix_mode_test";
  std::filesystem::remove_all(root);
  ASSERT_OK(files->CreateDirectories(root + "/x/y/"));
  ASSERT_OK(Write(files, root + "/x/file", "secret"));
  struct stat info {};
  ASSERT_EQ(stat((root + "/x/y").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  ASSERT_EQ(stat((root + "/x/file").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  std::filesystem::remove_all(root);
}

// With few descriptors, and more files than those.
class ManyFilesTest : public testing::Test {
 protected:
  static constexpr size_t kFiles = 200;

  ManyFilesTest() {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit few = before_;
    few.rlim_cur = 100;
    setrlimit(RLIMIT_NOFILE, &few);
    std::filesystem::remove_all(root_);
    EXPECT_OK(files_->CreateDirectories(root_));
    for (size_t i = 0; i < kFiles; ++i) {
      EXPECT_OK(Write(files_, Path(i), std::to_string(i)));
      auto reader = files_->NewRandomAccessFile(Path(i));
      EXPECT_OK(reader.status());
      if (reader.ok()) readers_.push_back(*std::move(reader));
    }
  }
  ~ManyFilesTest() override {
    setrlimit(RLIMIT_NOFILE, &before_);
    std::filesystem::remove_all(root_);
  }

  std::string Path(size_t i) const { return root_ + "/" + std::to_string(i); }
  StatusOr<std::string> Read(size_t i) {
    std::string bytes(readers_[i]->size(), 0);
    const ReadRange range{0, bytes.size(), bytes.data()};
    RETURN_IF_ERROR(readers_[i]->ReadRanges({&range, 1}));
    return bytes;
  }
  static size_t OpenFiles() {
    const std::filesystem::directory_iterator entries("/proc/self/fd");
    return static_cast<size_t>(std::distance(begin(entries), end(entries)));
  }

  FileSystem* const files_ = FileSystem::Posix();
  const std::string root_ = testing::TempDir() + "/many_files_test." + std::to_string(getpid());
  rlimit before_{};
  std::vector<std::unique_ptr<RandomAccessFile>> readers_;
};

TEST_F(ManyFilesTest, AllCanBeReadByManyThreads) {
  ASSERT_EQ(readers_.size(), kFiles);
  std::vector<std::thread> threads;
  for (size_t first = 0; first < 4; ++first) {
    threads.emplace_back([this, first] {
      for (size_t i = 0; i < 3 * kFiles; ++i) {
        const size_t file = (first * 7 + i * (2 * first + 1)) % kFiles;
        EXPECT_THAT(Read(file), IsOkAndHolds(std::to_string(file)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LT(OpenFiles(), 80u);
  readers_.clear();
  EXPECT_LT(OpenFiles(), 30u);
}

TEST_F(ManyFilesTest, OneThatIsGoneOrReplacedIsNotReadOnceItWasClosed) {
  ASSERT_EQ(readers_.size(), kFiles);
  EXPECT_OK(files_->RemoveFile(Path(0)));
  EXPECT_OK(files_->RenameFile(Path(2), Path(1)));
  EXPECT_OK(files_->RemoveFile(Path(kFiles - 1)));
  EXPECT_THAT(Read(0), StatusIs(StatusCode::kDataLoss));
  EXPECT_THAT(Read(1), StatusIs(StatusCode::kDataLoss));
  EXPECT_THAT(Read(kFiles - 1), IsOkAndHolds(std::to_string(kFiles - 1))) << "still open";
}

class MemoryFileSystemTest : public testing::Test {
 protected:
  MemoryFileSystemTest() {
    EXPECT_OK(files_.CreateDirectories("d"));
    EXPECT_OK(files_.SyncDirectory(""));
  }
  MemoryFileSystem files_;
};

TEST_F(MemoryFileSystemTest, ACrashLosesUnsyncedBytes) {
  ASSERT_OK_AND_ASSIGN(auto file, files_.NewWritableFile("d/f"));
  ASSERT_OK(file->Append("synced"));
  ASSERT_OK(file->Sync());
  ASSERT_OK(file->Append("lost"));
  ASSERT_OK(files_.SyncDirectory("d"));
  files_.Crash();
  EXPECT_THAT(ReadWholeFile(&files_, "d/f"), IsOkAndHolds(std::string("synced")));
  EXPECT_THAT(file->Append("x"), StatusIs(StatusCode::kUnavailable));
  EXPECT_THAT(file->Sync(), StatusIs(StatusCode::kUnavailable));
}

TEST_F(MemoryFileSystemTest, ACrashLosesUnsyncedNames) {
  ASSERT_OK(Write(&files_, "d/kept", "1", true));
  ASSERT_OK(files_.SyncDirectory("d"));
  ASSERT_OK(Write(&files_, "d/lost", "2", true));
  ASSERT_OK(files_.RenameFile("d/kept", "d/renamed"));
  ASSERT_OK(files_.CreateDirectories("e"));
  ASSERT_OK_AND_ASSIGN(auto lock, files_.LockFile("LOCK"));
  files_.Crash();
  EXPECT_THAT(files_.ListDirectory(""), IsOkAndHolds(UnorderedElementsAre("d")));
  EXPECT_THAT(files_.ListDirectory("d"), IsOkAndHolds(UnorderedElementsAre("kept")));
  EXPECT_OK(files_.LockFile("LOCK").status());
  ASSERT_OK(files_.RemoveFile("d/kept"));
  files_.Crash();
  EXPECT_THAT(ReadWholeFile(&files_, "d/kept"), IsOkAndHolds(std::string("1")));
  ASSERT_OK(files_.RemoveFile("d/kept"));
  ASSERT_OK(files_.SyncDirectory("d"));
  files_.Crash();
  EXPECT_FALSE(files_.FileExists("d/kept"));
}

TEST_F(MemoryFileSystemTest, ARandomCrashKeepsAPrefixAndWholeRenames) {
  std::set<std::string> contents;
  int renamed = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    MemoryFileSystem files;
    ASSERT_OK(Write(&files, "old", "ab", true));
    ASSERT_OK(files.SyncDirectory("/"));
    ASSERT_OK(Write(&files, "old", "cd"));
    ASSERT_OK(files.RenameFile("old", "new"));
    files.Crash(seed);
    ASSERT_NE(files.FileExists("old"), files.FileExists("new"));
    renamed += files.FileExists("new") ? 1 : 0;
    ASSERT_OK_AND_ASSIGN(const std::string bytes,
                         ReadWholeFile(&files, files.FileExists("new") ? "new" : "old"));
    contents.insert(bytes);
  }
  EXPECT_THAT(contents, testing::ElementsAre("ab", "abc", "abcd"));
  EXPECT_GT(renamed, 50);
  EXPECT_LT(renamed, 150);
}

TEST_F(MemoryFileSystemTest, DamagesAndFillsUp) {
  ASSERT_OK(Write(&files_, "d/f", "abcdef"));
  files_.Overwrite("d/f", 2, "XY");
  EXPECT_THAT(ReadWholeFile(&files_, "d/f"), IsOkAndHolds(std::string("abXYef")));
  files_.set_free_space(5);
  EXPECT_THAT(files_.FreeSpace("d"), IsOkAndHolds(5u));
}

class FaultFileSystemTest : public testing::Test {
 protected:
  MemoryFileSystem memory_;
  FaultFileSystem files_{&memory_};
};

TEST_F(FaultFileSystemTest, FailsTheNthOfItsKindOnce) {
  files_.FailNth(FileOperation::kAppend, 2, Unavailable("full"));
  EXPECT_OK(Write(&files_, "f", "a"));
  EXPECT_THAT(Write(&files_, "f", "b"), StatusIs(StatusCode::kUnavailable, "full"));
  EXPECT_OK(Write(&files_, "f", "c"));
  EXPECT_THAT(ReadWholeFile(&memory_, "f"), IsOkAndHolds(std::string("ac")));
  EXPECT_EQ(files_.count(FileOperation::kAppend), 3u);
  EXPECT_EQ(files_.count(FileOperation::kCreate), 3u);
  EXPECT_EQ(files_.total(), 6u);
}

TEST_F(FaultFileSystemTest, ShortensAppends) {
  files_.ShortAppendNth(1, 2, Unavailable("full"));
  EXPECT_THAT(Write(&files_, "f", "abcd"), StatusIs(StatusCode::kUnavailable));
  EXPECT_THAT(ReadWholeFile(&memory_, "f"), IsOkAndHolds(std::string("ab")));
}

TEST_F(FaultFileSystemTest, FailsOnlyMatchingPaths) {
  files_.FailAll(FileOperation::kSync, Internal("bad disk"), "manifest");
  EXPECT_OK(Write(&files_, "wal", "", true));
  EXPECT_THAT(Write(&files_, "manifest-1", "", true), StatusIs(StatusCode::kInternal));
  EXPECT_THAT(Write(&files_, "manifest-1", "", true), StatusIs(StatusCode::kInternal));
  files_.Heal();
  EXPECT_OK(Write(&files_, "manifest-1", "", true));
}

TEST_F(FaultFileSystemTest, CutsPower) {
  ASSERT_OK(Write(&files_, "f", "x"));
  ASSERT_OK_AND_ASSIGN(auto reader, files_.NewRandomAccessFile("f"));
  files_.CutPowerAfter(2);
  EXPECT_THAT(Write(&files_, "f", "y", true), StatusIs(StatusCode::kUnavailable));
  char byte = 0;
  const ReadRange range = {0, 1, &byte};
  EXPECT_THAT(reader->ReadRanges({&range, 1}), StatusIs(StatusCode::kUnavailable));
  EXPECT_THAT(files_.RenameFile("f", "g"), StatusIs(StatusCode::kUnavailable));
  EXPECT_THAT(files_.RemoveFile("f"), StatusIs(StatusCode::kUnavailable));
  EXPECT_THAT(files_.SyncDirectory(""), StatusIs(StatusCode::kUnavailable));
  EXPECT_FALSE(files_.FileExists("f"));
  files_.Heal();
  EXPECT_THAT(ReadWholeFile(&files_, "f"), IsOkAndHolds(std::string("xy")));
}

}  // namespace
}  // namespace skald
