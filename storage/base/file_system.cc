#include "storage/base/file_system.h"

namespace skald {

StatusOr<std::string> ReadWholeFile(FileSystem* files, const std::string& path) {
  ASSIGN_OR_RETURN(const std::unique_ptr<RandomAccessFile> file, files->NewRandomAccessFile(path));
  std::string bytes(file->size(), '\0');
  const ReadRange all{0, bytes.size(), bytes.data()};
  RETURN_IF_ERROR(file->ReadRanges({&all, 1}));
  return bytes;
}

}  // namespace skald
