#include "ingest/content_encoding.h"

#include <lz4frame.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "absl/cleanup/cleanup.h"

namespace skald::ingest {
namespace {

// An element of a snappy block yields at most 64 bytes for three.
constexpr uint64_t kSnappyMaxRatio = 22;
// The largest window that a zstd frame may ask us to keep: 16 MiB.
constexpr int kZstdMaxWindowLog = 24;

Status UnexpectedEnd() { return InvalidArgument("unexpected EOF"); }

// How zlib is to read a stream (inflateInit2's window bits).
enum class Wrapping : int { kGzip = 15 + 16, kZlib = 15, kRaw = -15 };

// A zlib stream starts with a two-byte header whose check makes it a multiple of 31.
bool LooksLikeZlib(std::string_view body) {
  if (body.size() < 2) return false;
  const auto first = static_cast<unsigned char>(body[0]);
  const auto second = static_cast<unsigned char>(body[1]);
  return (first & 0x0f) == 8 && (first >> 4) <= 7 && (first * 256 + second) % 31 == 0;
}

Status InflateError(Wrapping wrapping, const z_stream& stream) {
  if (wrapping == Wrapping::kGzip) {
    const std::string_view detail = stream.msg == nullptr ? "" : stream.msg;
    if (stream.total_in <= 10 && detail == "incorrect header check") {
      return InvalidArgument("gzip: invalid header");
    }
    if (detail == "incorrect data check" || detail == "incorrect length check") {
      return InvalidArgument("gzip: invalid checksum");
    }
  }
  return InvalidArgument(StrCat("flate: corrupt input before offset ", stream.total_in));
}

// Runs inflate over the rest of the input until one stream ends.
Status InflateStream(Wrapping wrapping, z_stream* stream, BodyBuffer* out) {
  while (true) {
    if (out->room() == 0) RETURN_IF_ERROR(out->GrowBy(1));
    const auto room =
        static_cast<uInt>(std::min<size_t>(out->room(), std::numeric_limits<uInt>::max()));
    stream->next_out = reinterpret_cast<Bytef*>(out->end());
    stream->avail_out = room;
    const int result = inflate(stream, Z_NO_FLUSH);
    out->Advance(room - stream->avail_out);
    if (result == Z_STREAM_END) return absl::OkStatus();
    if (result == Z_BUF_ERROR || (result == Z_OK && stream->avail_in == 0 && stream->avail_out > 0))
      return UnexpectedEnd();
    if (result != Z_OK) return InflateError(wrapping, *stream);
  }
}

Status Inflate(Wrapping wrapping, std::string_view body, BodyBuffer* out) {
  if (body.size() > std::numeric_limits<uInt>::max()) return BodyTooLarge(UINT32_MAX);
  z_stream stream = {};
  if (inflateInit2(&stream, static_cast<int>(wrapping)) != Z_OK) {
    return Exhausted("out of memory for decompression");
  }
  absl::Cleanup end = [&stream] { inflateEnd(&stream); };
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  RETURN_IF_ERROR(InflateStream(wrapping, &stream, out));
  // A gzip file may have several members.
  while (wrapping == Wrapping::kGzip && stream.avail_in > 0) {
    inflateReset(&stream);
    RETURN_IF_ERROR(InflateStream(wrapping, &stream, out));
  }
  return absl::OkStatus();
}

Status DecodeZstd(std::string_view body, BodyBuffer* out) {
  std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  if (context == nullptr) return Exhausted("out of memory for decompression");
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kZstdMaxWindowLog);
  ZSTD_inBuffer input = {body.data(), body.size(), 0};
  size_t wanted = body.empty() ? 1 : 0;
  while (true) {
    if (out->room() == 0) RETURN_IF_ERROR(out->GrowBy(1));
    ZSTD_outBuffer output = {out->end(), out->room(), 0};
    if (input.pos < input.size || wanted != 0) {
      wanted = ZSTD_decompressStream(context.get(), &output, &input);
      if (ZSTD_isError(wanted)) {
        return InvalidArgument(StrCat("zstd: invalid input: ", ZSTD_getErrorName(wanted)));
      }
    }
    out->Advance(output.pos);
    if (input.pos == input.size && output.pos < output.size) break;
  }
  return wanted == 0 ? absl::OkStatus() : UnexpectedEnd();
}

Status DecodeLz4(std::string_view body, BodyBuffer* out) {
  LZ4F_dctx* raw = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&raw, LZ4F_VERSION))) {
    return Exhausted("out of memory for decompression");
  }
  std::unique_ptr<LZ4F_dctx, size_t (*)(LZ4F_dctx*)> context(raw, LZ4F_freeDecompressionContext);
  size_t wanted = 1;
  while (true) {
    if (out->room() == 0) RETURN_IF_ERROR(out->GrowBy(1));
    size_t written = out->room();
    size_t read = body.size();
    wanted = LZ4F_decompress(context.get(), out->end(), &written, body.data(), &read, nullptr);
    if (LZ4F_isError(wanted)) {
      return InvalidArgument(StrCat("lz4: invalid input: ", LZ4F_getErrorName(wanted)));
    }
    out->Advance(written);
    body.remove_prefix(read);
    if (read == 0 && written == 0) break;
    if (wanted == 0 && body.empty()) break;
  }
  return wanted == 0 ? absl::OkStatus() : UnexpectedEnd();
}

}  // namespace

Status DecodeContent(ContentEncoding encoding, std::string_view body, BodyBuffer* out) {
  switch (encoding) {
    case ContentEncoding::kIdentity:
      return out->Append(body);
    case ContentEncoding::kGzip:
      return Inflate(Wrapping::kGzip, body, out);
    case ContentEncoding::kDeflate:
      return Inflate(LooksLikeZlib(body) ? Wrapping::kZlib : Wrapping::kRaw, body, out);
    case ContentEncoding::kZstd:
      return DecodeZstd(body, out);
    case ContentEncoding::kLz4:
      return DecodeLz4(body, out);
  }
  return Internal("unknown content encoding");
}

Status DecodeSnappyBlock(std::string_view block, BodyBuffer* out) {
  size_t size = 0;
  const Status corrupt = InvalidArgument("snappy: corrupt input");
  if (!snappy::GetUncompressedLength(block.data(), block.size(), &size)) return corrupt;
  // A length that the block cannot hold is refused before memory is taken for it.
  if (size > block.size() * kSnappyMaxRatio) return corrupt;
  if (size >= out->room()) RETURN_IF_ERROR(out->GrowBy(size));
  if (!snappy::RawUncompress(block.data(), block.size(), out->end())) return corrupt;
  out->Advance(size);
  return absl::OkStatus();
}

}  // namespace skald::ingest
