// Fuzzes the manifest's edits: what decodes encodes to bytes that decode to the same edit.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "storage/catalog/edit_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace skald::storage;
  const auto edit = DecodeEdit({reinterpret_cast<const char*>(data), size});
  if (!edit.ok()) return 0;
  std::string bytes;
  EncodeEdit(&bytes, *edit);
  const auto again = DecodeEdit(bytes);
  if (!again.ok() || *again != *edit) __builtin_trap();
  CatalogState state;
  state.Apply(*edit).IgnoreError();
  return 0;
}
