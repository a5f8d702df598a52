#include "storage/base/compression.h"

#include <zstd.h>

#include "storage/base/check.h"

namespace skald {

void ZstdCompressor::Free::operator()(ZSTD_CCtx_s* context) const { ZSTD_freeCCtx(context); }
void ZstdDecompressor::Free::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

ZstdCompressor::ZstdCompressor(int level) : context_(ZSTD_createCCtx()) {
  SKALD_CHECK(context_ != nullptr);
  const size_t result = ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, level);
  SKALD_CHECK(!ZSTD_isError(result));
}
ZstdCompressor::~ZstdCompressor() = default;
ZstdCompressor::ZstdCompressor(ZstdCompressor&&) noexcept = default;
ZstdCompressor& ZstdCompressor::operator=(ZstdCompressor&&) noexcept = default;

Status ZstdCompressor::Compress(std::string_view in, std::string* out) {
  const size_t before = out->size();
  out->resize(before + ZSTD_compressBound(in.size()));
  const size_t written = ZSTD_compress2(context_.get(), out->data() + before, out->size() - before,
                                        in.data(), in.size());
  const bool failed = ZSTD_isError(written);
  out->resize(before + (failed ? 0 : written));
  if (failed) return Internal(StrCat("cannot compress: ", ZSTD_getErrorName(written)));
  return absl::OkStatus();
}

ZstdDecompressor::ZstdDecompressor() : context_(ZSTD_createDCtx()) {
  SKALD_CHECK(context_ != nullptr);
}
ZstdDecompressor::~ZstdDecompressor() = default;
ZstdDecompressor::ZstdDecompressor(ZstdDecompressor&&) noexcept = default;
ZstdDecompressor& ZstdDecompressor::operator=(ZstdDecompressor&&) noexcept = default;

Status ZstdDecompressor::Decompress(std::string_view in, char* out, size_t raw_size) {
  const size_t size = ZSTD_decompressDCtx(context_.get(), out, raw_size, in.data(), in.size());
  if (ZSTD_isError(size)) return DataLoss(StrCat("cannot decompress: ", ZSTD_getErrorName(size)));
  if (size != raw_size) {
    return DataLoss(StrCat("decompressed to a wrong size: ", size, " for ", raw_size));
  }
  return absl::OkStatus();
}

StatusOr<uint64_t> ZstdFrameSize(std::string_view frame) {
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) {
    return DataLoss("not a zstd frame of a stated size");
  }
  return size;
}

}  // namespace skald
