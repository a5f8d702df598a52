// zstd, one frame a call, with the working memory kept between calls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "storage/base/status.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace skald {

// How hard a compressor looks for what repeats.
enum class CompressionEffort : uint8_t {
  kQuick,     // for what is written while somebody waits
  kThorough,  // about four times the time, for what is written once and stays
};

// Threads: externally synchronised.
class ZstdCompressor {
 public:
  explicit ZstdCompressor(CompressionEffort effort);
  ~ZstdCompressor();
  ZstdCompressor(ZstdCompressor&&) noexcept;
  ZstdCompressor& operator=(ZstdCompressor&&) noexcept;

  // Appends one frame, which states its raw size and has no checksum of its own. After an error
  // `out` is as before.
  Status Compress(std::string_view in, std::string* out);
  // The same for lines of text, which repeat in long pieces.
  Status CompressText(std::string_view in, std::string* out);

 private:
  struct TextSettings;

  void Set(int parameter, int value);
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, Free> context_;
  CompressionEffort effort_;
};

// Threads: externally synchronised.
class ZstdDecompressor {
 public:
  ZstdDecompressor();
  ~ZstdDecompressor();
  ZstdDecompressor(ZstdDecompressor&&) noexcept;
  ZstdDecompressor& operator=(ZstdDecompressor&&) noexcept;

  // Fills out[0, raw_size). DataLoss if `in` is damaged or decompresses to any other size.
  Status Decompress(std::string_view in, char* out, size_t raw_size);

 private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_DCtx_s, Free> context_;
};

// The raw size that a frame states: a claim to be checked against a limit before it is allocated.
// DataLoss if there is none.
StatusOr<uint64_t> ZstdFrameSize(std::string_view frame);

}  // namespace skald
