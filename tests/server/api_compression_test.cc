// Compressed answers: for whom, and that they hold what was to be said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "server/api/response_compression.h"
#include "storage/base/strings.h"

namespace skald::api {
namespace {

using testing::Contains;
using testing::Pair;

http::Response Answer(size_t bytes) {
  http::Response response;
  while (response.body.size() < bytes) response.body.Append(StrCat("line ", response.body.size()));
  return response;
}

std::string Gunzip(const std::string& text, size_t size) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string out(size + 1, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST(AcceptsGzipTest, ReadsTheList) {
  for (const std::string_view text : {"gzip", "GZIP", "deflate, gzip;q=0.5", "br,gzip ; q=1"}) {
    EXPECT_TRUE(AcceptsGzip(text)) << text;
  }
  for (const std::string_view text : {"", "identity", "gzip;q=0", "br, gzip;q=0.0", "xgzip"}) {
    EXPECT_FALSE(AcceptsGzip(text)) << text;
  }
}

TEST(CompressResponseTest, SaysTheSame) {
  for (const size_t bytes : {1400U, 200'000U, 1'000'000U}) {
    http::Response response = Answer(bytes);
    const std::string plain = response.body.ToString();
    CompressResponse("gzip", nullptr, &response);
    EXPECT_LT(response.body.size(), plain.size());
    EXPECT_EQ(Gunzip(response.body.ToString(), plain.size()), plain);
    EXPECT_THAT(response.headers, Contains(Pair("Content-Encoding", "gzip")));
    EXPECT_THAT(response.headers, Contains(Pair("Vary", "Accept-Encoding")));
  }
}

TEST(CompressResponseTest, LeavesTheRestAsItIs) {
  MemoryBudget none("none", 0);
  const std::tuple<size_t, std::string_view, MemoryBudget*> cases[] = {
      {1000, "gzip", nullptr}, {100'000, "br", nullptr}, {3'000'000, "gzip", &none}};
  for (const auto& [bytes, accepted, memory] : cases) {
    http::Response response = Answer(bytes);
    // What cannot be compressed well needs more than the one piece that is free.
    for (uint32_t i = 0, x = 1; memory != nullptr && i < 1'000'000; ++i) {
      x = x * 1664525 + 1013904223;
      response.body.Append(std::string(1, static_cast<char>(x >> 24)));
    }
    const std::string plain = response.body.ToString();
    CompressResponse(accepted, memory, &response);
    EXPECT_EQ(response.body.ToString(), plain);
    EXPECT_THAT(response.headers, Contains(Pair("Vary", "Accept-Encoding")));
    EXPECT_EQ(response.headers.size(), 1U);
  }
}

}  // namespace
}  // namespace skald::api
