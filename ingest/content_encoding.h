// Undoes the Content-Encoding of a pushed body, within a size limit.
//
// Memory grows with the output that really appears (and is charged as it does), so a small body
// that promises or holds gigabytes is refused with status 413 at the limit.
#pragma once

#include <cstdint>
#include <string_view>

#include "ingest/body_buffer.h"
#include "storage/base/status.h"

namespace skald::ingest {

// The values are part of the log's format (BodyFormat).
enum class ContentEncoding : uint8_t {
  kIdentity = 0,
  kGzip = 1,
  kDeflate = 2,  // raw or zlib-wrapped
  kZstd = 3,     // frames
  kLz4 = 4,      // frames
};

// Appends the decoded body to `out`. InvalidArgument with Go's text (`unexpected EOF`,
// `gzip: invalid header`, `flate: corrupt input`) for damage; 413 past the buffer's limit.
Status DecodeContent(ContentEncoding encoding, std::string_view body, BodyBuffer* out);

// Appends the content of one raw snappy block to `out`. InvalidArgument `snappy: corrupt input`.
Status DecodeSnappyBlock(std::string_view block, BodyBuffer* out);

}  // namespace skald::ingest
