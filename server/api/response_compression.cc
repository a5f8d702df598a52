#include "server/api/response_compression.h"

#include <zlib.h>

#include <new>
#include <string>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "storage/base/ascii.h"
#include "storage/base/strings.h"

namespace skald::api {
namespace {

constexpr size_t kMinBytes = 1400;  // a shorter answer fits in one packet as it is
constexpr int kLevel = 1;           // the answer waits for it
constexpr int kGzipWindow = 15 + 16;
constexpr int kMemory = 8;
constexpr size_t kStep = 16 << 10;

std::string_view Trim(std::string_view text) {
  return ToStd(absl::StripAsciiWhitespace(ToAbsl(text)));
}

// The weight of one coding of the list, such as `gzip;q=0.5`.
double WeightOf(std::string_view coding) {
  const size_t semicolon = coding.find(';');
  if (semicolon == std::string_view::npos) return 1;
  const std::string_view parameter = Trim(coding.substr(semicolon + 1));
  double weight = 1;
  if (!parameter.starts_with("q=") || !absl::SimpleAtod(ToAbsl(parameter.substr(2)), &weight)) {
    return 1;
  }
  return weight;
}

// Has zlib take all of `in` and appends what it yields; with `last` the end of the stream too.
void Deflate(z_stream* stream, std::string_view in, bool last, http::Text* out) {
  stream->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
  stream->avail_in = static_cast<uInt>(in.size());
  do {
    std::string* tail = out->Tail();
    const size_t old_size = tail->size();
    tail->resize(old_size + kStep);
    stream->next_out = reinterpret_cast<Bytef*>(tail->data() + old_size);
    stream->avail_out = kStep;
    deflate(stream, last ? Z_FINISH : Z_NO_FLUSH);
    tail->resize(old_size + kStep - stream->avail_out);
  } while (stream->avail_out == 0);
}

}  // namespace

bool AcceptsGzip(std::string_view accept_encoding) {
  while (!accept_encoding.empty()) {
    const size_t end = std::min(accept_encoding.find(','), accept_encoding.size());
    const std::string_view coding = accept_encoding.substr(0, end);
    accept_encoding.remove_prefix(std::min(end + 1, accept_encoding.size()));
    const std::string_view name = Trim(coding.substr(0, coding.find(';')));
    if (EqualsIgnoreCase(name, "gzip")) return WeightOf(coding) > 0;
  }
  return false;
}

void CompressResponse(std::string_view accept_encoding, MemoryBudget* memory,
                      http::Response* response) {
  response->headers.emplace_back("Vary", "Accept-Encoding");
  if (response->body.size() < kMinBytes || !AcceptsGzip(accept_encoding)) return;
  z_stream stream{};
  if (deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipWindow, kMemory, Z_DEFAULT_STRATEGY) != Z_OK) {
    return;
  }
  const absl::Cleanup end = [&stream] { deflateEnd(&stream); };
  http::Text compressed(memory);
  try {
    for (const std::string& piece : response->body.pieces()) {
      Deflate(&stream, piece, false, &compressed);
    }
    Deflate(&stream, "", true, &compressed);
  } catch (const std::bad_alloc&) {
    return;
  }
  if (!compressed.status().ok()) return;
  response->body = std::move(compressed);
  response->headers.emplace_back("Content-Encoding", "gzip");
}

}  // namespace skald::api
