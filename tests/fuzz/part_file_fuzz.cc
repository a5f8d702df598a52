// Fuzzes part files: the input is a file up to the end of its footer, its first four bytes the
// footer's size; the tail with the right checksum is put behind it. Every file opens or is refused,
// and so does each of its sections.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/coding.h"
#include "storage/base/crc32c.h"
#include "storage/part/part.h"
#include "storage/part/part_format.h"
#include "tests/support/memory_file_system.h"

namespace {

using namespace skald;
using namespace skald::storage;

std::string WithTail(std::string_view input) {
  const uint32_t wanted = LoadFixed<uint32_t>(input.data());
  std::string file(input.substr(sizeof(wanted)));
  const auto footer_size = static_cast<uint32_t>(wanted % (file.size() + 1));
  const uint32_t checksum = Crc32c(std::string_view(file).substr(file.size() - footer_size));
  PutFixed32(&file, footer_size);
  PutFixed32(&file, checksum);
  file.append(kPartMagic);
  return file;
}

void OpenSections(const Part& part) {
  part.Directory().status().IgnoreError();
  part.Streams().status().IgnoreError();
  part.Index().status().IgnoreError();
  part.Ids().status().IgnoreError();
  part.Ngrams().status().IgnoreError();
  part.Tokens().status().IgnoreError();
  part.MetadataPairs().status().IgnoreError();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < sizeof(uint32_t)) return 0;
  MemoryFileSystem files;
  auto file = files.NewWritableFile("part");
  if (!file.ok()) __builtin_trap();
  (*file)->Append(WithTail({reinterpret_cast<const char*>(data), size})).IgnoreError();
  (*file)->Close().IgnoreError();
  PageCache cache(1 << 20);
  const auto part = Part::Open(&files, "part", 1, &cache);
  if (part.ok()) OpenSections(**part);
  return 0;
}
