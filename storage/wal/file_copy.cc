#include "storage/wal/file_copy.h"

#include <algorithm>

#include "storage/base/units.h"

namespace skald::storage {

Status CopyToFile(FileSystem* files, const std::string& from, uint64_t offset, uint64_t size,
                  const std::string& to) {
  ASSIGN_OR_RETURN(const auto source, files->NewRandomAccessFile(from));
  ASSIGN_OR_RETURN(const auto copy, files->NewWritableFile(to));
  std::string piece;
  for (uint64_t done = 0; done < size; done += piece.size()) {
    piece.resize(std::min<uint64_t>(size - done, 1_MiB));
    const ReadRange range{offset + done, piece.size(), piece.data()};
    RETURN_IF_ERROR(source->ReadRanges({&range, 1}));
    RETURN_IF_ERROR(copy->Append(piece));
  }
  RETURN_IF_ERROR(copy->Sync());
  return copy->Close();
}

}  // namespace skald::storage
