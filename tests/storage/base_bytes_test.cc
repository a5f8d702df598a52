// Coding, checksums, hashes and compression.
#include <limits>
#include <numeric>

#include "storage/base/coding.h"
#include "storage/base/compression.h"
#include "storage/base/crc32c.h"
#include "storage/base/hash.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald {
namespace {

TEST(CodingTest, WritesLittleEndian) {
  std::string out;
  PutFixed32(&out, 0x03040506);
  PutFixed64(&out, 0x0708090A0B0C0D0E);
  EXPECT_EQ(out, "\x06\x05\x04\x03\x0E\x0D\x0C\x0B\x0A\x09\x08\x07");
}

TEST(CodingTest, WritesVarintsOfTheStatedSize) {
  const std::pair<uint64_t, size_t> cases[] = {{0, 1},
                                               {127, 1},
                                               {128, 2},
                                               {16383, 2},
                                               {16384, 3},
                                               {1 << 28, 5},
                                               {uint64_t{1} << 62, 9},
                                               {uint64_t{1} << 63, 10}};
  for (const auto& [value, size] : cases) {
    std::string out;
    PutVarint64(&out, value);
    EXPECT_EQ(out.size(), size) << value;
    EXPECT_EQ(VarintSize(value), size) << value;
  }
}

TEST(CodingTest, ZigzagKeepsSmallMagnitudesSmall) {
  EXPECT_EQ(ZigzagEncode(0), 0u);
  EXPECT_EQ(ZigzagEncode(-1), 1u);
  EXPECT_EQ(ZigzagEncode(1), 2u);
  for (const int64_t value :
       {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max(), int64_t{-300}}) {
    EXPECT_EQ(ZigzagDecode(ZigzagEncode(value)), value);
  }
}

// One value of each kind, as a list of reads that must succeed in order.
struct Values {
  uint32_t fixed32;
  uint64_t fixed64;
  uint32_t varint32;
  uint64_t varint64;
  int64_t zigzag;
  std::string text;

  bool operator==(const Values&) const = default;

  void Put(std::string* out) const {
    PutFixed32(out, fixed32);
    PutFixed64(out, fixed64);
    PutVarint32(out, varint32);
    PutVarint64(out, varint64);
    PutZigzag64(out, zigzag);
    PutLengthPrefixed(out, text);
  }
  bool Read(ByteReader* in) {
    std::string_view view;
    if (!in->ReadFixed32(&fixed32) || !in->ReadFixed64(&fixed64) || !in->ReadVarint32(&varint32) ||
        !in->ReadVarint64(&varint64) || !in->ReadZigzag64(&zigzag) ||
        !in->ReadLengthPrefixed(&view)) {
      return false;
    }
    text = std::string(view);
    return true;
  }
};

TEST(CodingTest, ReadsWhatWasWrittenAndNoTruncationOfIt) {
  Random random(1);
  for (int round = 0; round < 200; ++round) {
    const Values written = {static_cast<uint32_t>(random.Next()),   random.Next(),
                            static_cast<uint32_t>(random.Skewed()), random.Skewed(),
                            static_cast<int64_t>(random.Skewed()),  random.Text(random.Below(200))};
    std::string bytes;
    written.Put(&bytes);
    Values read{};
    ByteReader in(bytes);
    ASSERT_TRUE(read.Read(&in));
    EXPECT_EQ(read, written);
    EXPECT_TRUE(in.empty());
    for (size_t size = 0; size < bytes.size(); ++size) {
      ByteReader truncated(std::string_view(bytes).substr(0, size));
      EXPECT_FALSE(read.Read(&truncated)) << size;
    }
  }
}

TEST(ByteReaderTest, RefusesVarintsThatDoNotFit) {
  uint64_t wide = 0;
  uint32_t narrow = 0;
  const std::string largest = std::string(9, '\xFF') + "\x01";
  EXPECT_TRUE(ByteReader(largest).ReadVarint64(&wide));
  EXPECT_EQ(wide, std::numeric_limits<uint64_t>::max());
  EXPECT_FALSE(ByteReader(std::string(9, '\xFF') + "\x02").ReadVarint64(&wide));
  EXPECT_FALSE(ByteReader(std::string(11, '\x80')).ReadVarint64(&wide));
  ByteReader in("\x80\x80\x80\x80\x10");  // 2^32
  EXPECT_FALSE(in.ReadVarint32(&narrow));
  EXPECT_EQ(in.remaining(), 5u);
}

TEST(ByteReaderTest, AFailedReadMovesNothing) {
  std::string bytes;
  PutVarint64(&bytes, 100);
  bytes += "short";
  ByteReader in(bytes);
  std::string_view view;
  EXPECT_FALSE(in.ReadLengthPrefixed(&view));
  EXPECT_EQ(in.rest(), bytes);
  EXPECT_FALSE(in.Skip(bytes.size() + 1));
  EXPECT_FALSE(in.ReadBytes(std::numeric_limits<size_t>::max(), &view));
  EXPECT_TRUE(in.Skip(bytes.size()));
  EXPECT_TRUE(in.empty());
}

TEST(Crc32cTest, KnowsThePublishedVectors) {
  std::string ascending(32, '\0');
  std::iota(ascending.begin(), ascending.end(), '\0');
  EXPECT_EQ(Crc32c(""), 0u);
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(Crc32c(std::string(32, '\xFF')), 0x62A8AB43u);
  EXPECT_EQ(Crc32c(ascending), 0x46DD794Eu);
}

TEST(Crc32cTest, ExtendsAndAgreesWithThePortableVersion) {
  Random random(2);
  const std::string bytes = random.Text(20000);
  for (int round = 0; round < 500; ++round) {
    const size_t begin = random.Below(64);
    const size_t size = random.Below(round % 5 == 0 ? bytes.size() - begin : 900);
    const std::string_view text = std::string_view(bytes).substr(begin, size);
    const size_t cut = random.Below(size + 1);
    const uint32_t whole = Crc32c(text);
    EXPECT_EQ(Crc32c(text.substr(cut), Crc32c(text.substr(0, cut))), whole);
    EXPECT_EQ(crc32c_internal::Portable(text, 0), whole);
  }
}

TEST(HashTest, NeverChanges) {
  EXPECT_EQ(Hash64(""), 0x2D06800538D394C2u);
  EXPECT_EQ(Hash128(""), (Hash128Value{0x99AA06D3014798D8u, 0x6001C324468D497Fu}));
  EXPECT_NE(Hash64("a", 1), Hash64("a"));
  EXPECT_NE(Hash128("a", 1), Hash128("a"));
}

std::string Decompressed(ZstdDecompressor* decompressor, std::string_view frame) {
  const StatusOr<uint64_t> size = ZstdFrameSize(frame);
  if (!size.ok()) return "no size";
  std::string raw(*size, '\0');
  const Status status = decompressor->Decompress(frame, raw.data(), raw.size());
  return status.ok() ? raw : std::string(Message(status));
}

TEST(CompressionTest, RoundTripsWithOneContext) {
  Random random(3);
  ZstdDecompressor decompressor;
  for (const auto effort : {CompressionEffort::kQuick, CompressionEffort::kThorough}) {
    ZstdCompressor compressor(effort);
    for (const size_t size : {0, 1, 100, 70000, 300000, 1200000}) {
      const std::string raw = random.Text(size, "abcd");
      std::string out = "kept";
      ASSERT_OK(compressor.CompressText(raw, &out));
      const size_t as_text = out.size();
      ASSERT_OK(compressor.Compress(raw, &out));
      ASSERT_EQ(out.substr(0, 4), "kept");
      const std::string_view frames = std::string_view(out).substr(4);
      EXPECT_EQ(Decompressed(&decompressor, frames.substr(0, as_text - 4)), raw);
      EXPECT_EQ(Decompressed(&decompressor, frames.substr(as_text - 4)), raw);
    }
  }
}

TEST(CompressionTest, DamageIsDataLoss) {
  ZstdCompressor compressor(CompressionEffort::kQuick);
  ZstdDecompressor decompressor;
  const std::string raw = Random(4).Text(5000, "abc");
  std::string frame;
  ASSERT_OK(compressor.Compress(raw, &frame));
  std::string out(raw.size() + 1, '\0');
  const auto is_data_loss = StatusIs(absl::StatusCode::kDataLoss);
  EXPECT_THAT(decompressor.Decompress(frame, out.data(), raw.size() - 1), is_data_loss);
  EXPECT_THAT(decompressor.Decompress(frame, out.data(), raw.size() + 1), is_data_loss);
  for (size_t size = 0; size < frame.size(); size += 7) {
    EXPECT_THAT(decompressor.Decompress(frame.substr(0, size), out.data(), raw.size()),
                is_data_loss);
  }
  EXPECT_THAT(ZstdFrameSize("not zstd"), is_data_loss);
  EXPECT_THAT(ZstdFrameSize(""), is_data_loss);
  EXPECT_OK(decompressor.Decompress(frame, out.data(), raw.size()));  // usable after errors
}

}  // namespace
}  // namespace skald
