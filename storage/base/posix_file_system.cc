#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "storage/base/descriptor.h"
#include "storage/base/descriptor_cache.h"
#include "storage/base/disk_full.h"
#include "storage/base/file_system.h"
#include "storage/base/public_text.h"

namespace skald {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kDirectoryMode = 0700;

Status StatusFor(int error, const std::string& message) {
  switch (error) {
    case ENOENT:
      return NotFound(message);
    case EEXIST:
      return absl::AlreadyExistsError(message);
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(message);
    case ENOSPC:
    case EDQUOT:
      return MarkDiskFull(Unavailable(message));
    case EMFILE:
    case ENFILE:
    case EIO:
      return Unavailable(message);
    default:
      return Internal(message);
  }
}

Status ErrnoStatus(int error, std::string_view what, std::string_view path) {
  const std::string text = StrCat(what, ": ", std::generic_category().message(error));
  return WithPublicText(StatusFor(error, StrCat(text, ": ", path)), text);
}

Status LastError(std::string_view what, std::string_view path) {
  return ErrnoStatus(errno, what, path);
}

// Repeats a system call that a signal interrupted.
template <typename Call>
auto Retry(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

StatusOr<Descriptor> Open(const std::string& path, int flags) {
  Descriptor file(Retry([&] { return ::open(path.c_str(), flags | O_CLOEXEC, kFileMode); }));
  if (file.get() < 0) return LastError("cannot open file", path);
  return file;
}

class PosixWritableFile : public WritableFile {
 public:
  PosixWritableFile(Descriptor file, std::string path, uint64_t size)
      : file_(std::move(file)), path_(std::move(path)), size_(size), written_back_(size) {}

  Status Append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t written =
          Retry([&] { return ::write(file_.get(), bytes.data(), bytes.size()); });
      if (written < 0) return LastError("cannot write file", path_);
      size_ += static_cast<uint64_t>(written);
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    return absl::OkStatus();
  }

  Status Sync() override {
    if (Retry([&] { return ::fdatasync(file_.get()); }) != 0) {
      return LastError("cannot sync file", path_);
    }
    return absl::OkStatus();
  }

  void StartWriteback() override {
    // Both are hints; pages still under write-back stay and are dropped by a later call.
    ::sync_file_range(file_.get(), static_cast<off64_t>(written_back_),
                      static_cast<off64_t>(size_ - written_back_), SYNC_FILE_RANGE_WRITE);
    ::posix_fadvise(file_.get(), 0, static_cast<off_t>(written_back_), POSIX_FADV_DONTNEED);
    written_back_ = size_;
  }

  Status Close() override {
    if (file_.Close() != 0) return LastError("cannot close file", path_);
    return absl::OkStatus();
  }

 private:
  Descriptor file_;
  const std::string path_;
  uint64_t size_;
  uint64_t written_back_;  // bytes whose write-back has been started
};

StatusOr<struct stat> InfoOf(const Descriptor& file, const std::string& path) {
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return LastError("cannot stat file", path);
  return info;
}

class PosixRandomAccessFile : public RandomAccessFile {
 public:
  // The file that `info` describes.
  PosixRandomAccessFile(DescriptorCache* descriptors, std::string path, const struct stat& info)
      : descriptors_(descriptors),
        path_(std::move(path)),
        device_(info.st_dev),
        inode_(info.st_ino),
        size_(static_cast<uint64_t>(info.st_size)) {}
  ~PosixRandomAccessFile() override { descriptors_->Release(&entry_); }

  // Takes the file's descriptor as it was opened first.
  Status Adopt(Descriptor file) {
    return descriptors_->Acquire(&entry_, [&] { return std::move(file); }).status();
  }

  Status ReadRanges(std::span<const ReadRange> ranges) const override {
    ASSIGN_OR_RETURN(const auto file,
                     descriptors_->Acquire(&entry_, [this] { return OpenAgain(); }));
    for (const ReadRange& range : ranges) RETURN_IF_ERROR(Read(*file, range));
    return absl::OkStatus();
  }
  uint64_t size() const override { return size_; }

 private:
  Status IsGone() const {
    return AnnotateForLog(DataLoss("a file that was open is no longer under its name"), path_);
  }

  StatusOr<Descriptor> OpenAgain() const {
    StatusOr<Descriptor> file = Open(path_, O_RDONLY);
    if (absl::IsNotFound(file.status())) return IsGone();
    RETURN_IF_ERROR(file.status());
    ASSIGN_OR_RETURN(const struct stat info, InfoOf(*file, path_));
    if (info.st_dev == device_ && info.st_ino == inode_) return file;
    return IsGone();
  }

  Status Read(const Descriptor& file, const ReadRange& range) const {
    size_t done = 0;
    while (done < range.size) {
      const ssize_t got = Retry([&] {
        return ::pread(file.get(), range.data + done, range.size - done,
                       static_cast<off_t>(range.offset + done));
      });
      if (got < 0) return LastError("cannot read file", path_);
      if (got == 0) {
        return AnnotateForLog(
            DataLoss(StrCat("file ends at ", range.offset + done, ", before the end of a read of ",
                            range.size, " bytes at ", range.offset)),
            path_);
      }
      done += static_cast<size_t>(got);
    }
    return absl::OkStatus();
  }

  DescriptorCache* const descriptors_;
  const std::string path_;
  const dev_t device_;
  const ino_t inode_;
  const uint64_t size_;
  mutable DescriptorCache::Entry entry_;
};

class PosixFileLock : public FileLock {
 public:
  explicit PosixFileLock(Descriptor file) : file_(std::move(file)) {}

 private:
  Descriptor file_;  // closing it unlocks
};

class PosixFileSystem : public FileSystem {
 public:
  StatusOr<std::unique_ptr<WritableFile>> NewWritableFile(const std::string& path) override {
    ASSIGN_OR_RETURN(Descriptor file, Open(path, O_WRONLY | O_CREAT | O_TRUNC));
    return std::make_unique<PosixWritableFile>(std::move(file), path, 0);
  }

  StatusOr<std::unique_ptr<WritableFile>> NewAppendableFile(const std::string& path) override {
    ASSIGN_OR_RETURN(Descriptor file, Open(path, O_WRONLY | O_CREAT | O_APPEND));
    ASSIGN_OR_RETURN(const struct stat info, InfoOf(file, path));
    return std::make_unique<PosixWritableFile>(std::move(file), path,
                                               static_cast<uint64_t>(info.st_size));
  }

  StatusOr<std::unique_ptr<RandomAccessFile>> NewRandomAccessFile(
      const std::string& path) override {
    ASSIGN_OR_RETURN(Descriptor file, Open(path, O_RDONLY));
    ASSIGN_OR_RETURN(const struct stat info, InfoOf(file, path));
    auto reader = std::make_unique<PosixRandomAccessFile>(&descriptors_, path, info);
    RETURN_IF_ERROR(reader->Adopt(std::move(file)));
    return reader;
  }

  Status CreateDirectories(const std::string& path) override {
    for (size_t end = 1; end <= path.size(); ++end) {
      if (end < path.size() && path[end] != '/') continue;
      const std::string prefix = path.substr(0, end);
      if (::mkdir(prefix.c_str(), kDirectoryMode) == 0) continue;
      const int error = errno;
      struct stat info {};
      const bool is_directory = ::stat(prefix.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
      if (!is_directory) return ErrnoStatus(error, "cannot create directory", prefix);
    }
    return absl::OkStatus();
  }

  StatusOr<std::vector<std::string>> ListDirectory(const std::string& path) override {
    std::vector<std::string> names;
    std::error_code error;
    std::filesystem::directory_iterator entry(path, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
      names.push_back(entry->path().filename().string());
    }
    if (error) return ErrnoStatus(error.value(), "cannot list directory", path);
    return names;
  }

  Status SyncDirectory(const std::string& path) override {
    ASSIGN_OR_RETURN(const Descriptor directory, Open(path, O_RDONLY | O_DIRECTORY));
    if (Retry([&] { return ::fsync(directory.get()); }) != 0) {
      return LastError("cannot sync directory", path);
    }
    return absl::OkStatus();
  }

  Status RenameFile(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) == 0) return absl::OkStatus();
    return LastError("cannot rename file", StrCat(from, " to ", to));
  }

  Status RemoveFile(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return LastError("cannot remove file", path);
    return absl::OkStatus();
  }

  Status TruncateFile(const std::string& path, uint64_t size) override {
    ASSIGN_OR_RETURN(const Descriptor file, Open(path, O_WRONLY));
    if (Retry([&] { return ::ftruncate(file.get(), static_cast<off_t>(size)); }) != 0) {
      return LastError("cannot truncate file", path);
    }
    if (Retry([&] { return ::fsync(file.get()); }) != 0) {
      return LastError("cannot sync file", path);
    }
    return absl::OkStatus();
  }

  bool FileExists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

  StatusOr<uint64_t> FileSize(const std::string& path) override {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return LastError("cannot stat file", path);
    return static_cast<uint64_t>(info.st_size);
  }

  StatusOr<std::unique_ptr<FileLock>> LockFile(const std::string& path) override {
    ASSIGN_OR_RETURN(Descriptor file, Open(path, O_RDWR | O_CREAT));
    if (Retry([&] { return ::flock(file.get(), LOCK_EX | LOCK_NB); }) != 0) {
      if (errno == EWOULDBLOCK) return Unavailable(StrCat("held by another process: ", path));
      return LastError("cannot lock file", path);
    }
    return std::make_unique<PosixFileLock>(std::move(file));
  }

  StatusOr<uint64_t> FreeSpace(const std::string& path) override {
    struct statvfs info {};
    if (Retry([&] { return ::statvfs(path.c_str(), &info); }) != 0) {
      return LastError("cannot read free space", path);
    }
    return static_cast<uint64_t>(info.f_bavail) * info.f_frsize;
  }

 private:
  DescriptorCache descriptors_;
};

}  // namespace

FileSystem* FileSystem::Posix() {
  static auto* const files = new PosixFileSystem();  // files may outlive every static object
  return files;
}

}  // namespace skald
