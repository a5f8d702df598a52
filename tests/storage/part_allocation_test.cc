// What a crafted section claims to hold must not decide how much memory reading it takes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <string>

#include "storage/base/coding.h"
#include "storage/base/units.h"
#include "storage/part/block_directory.h"
#include "storage/part/metadata_filter.h"
#include "storage/part/part_format.h"
#include "storage/part/stream_table.h"
#include "storage/part/token_filter.h"
#include "tests/support/status_matchers.h"

namespace {
thread_local size_t largest_request = 0;
}  // namespace

// gcc does not see that these belong together.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
void* operator new(size_t size) {
  largest_request = std::max(largest_request, size);
  if (void* memory = std::malloc(size)) return memory;
  std::abort();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace skald::storage {
namespace {

constexpr uint32_t kClaimed = 1 << 20;

// Expects that parse() finds damage before it takes memory for what is claimed.
template <typename Parse>
void ExpectRefused(Parse parse) {
  largest_request = 0;
  EXPECT_THAT(parse().status(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_LT(largest_request, 64_KiB);
}

std::string WithZeros(std::string header, size_t zeros) {
  header.append(zeros, '\0');
  return header;
}

std::string Fixed32(uint32_t number) {
  std::string bytes;
  PutFixed32(&bytes, number);
  return bytes;
}

TEST(PartAllocation, MoreBlocksThanTheDirectoryHasBytesFor) {
  const std::string bytes = WithZeros(Fixed32(kClaimed) + Fixed32(0), kClaimed);
  ExpectRefused([&] { return BlockDirectory::Parse(bytes, 1_GiB); });
}

TEST(PartAllocation, MorePagesThanTheDirectoryHasBytesFor) {
  const std::string bytes = WithZeros(Fixed32(0) + Fixed32(kClaimed), kClaimed);
  ExpectRefused([&] { return BlockDirectory::Parse(bytes, 1_GiB); });
}

TEST(PartAllocation, MorePagesThanTheFileHasBytes) {
  const std::string bytes = WithZeros(Fixed32(0) + Fixed32(kClaimed), 12 + 26 * kClaimed);
  ExpectRefused([&] { return BlockDirectory::Parse(bytes, 1000); });
}

TEST(PartAllocation, MoreStreamsThanTheTableHasBytesFor) {
  std::string header;
  PutVarint64(&header, kClaimed);
  const std::string bytes = WithZeros(header, 5 * kClaimed);
  ExpectRefused([&] { return StreamTable::Parse(bytes, 0, 0); });
}

TEST(PartAllocation, MoreBlocksThanTheFiltersHaveBytesFor) {
  std::string bytes = WithZeros(Fixed32(kClaimed), kClaimed);
  ExpectRefused([&] { return TokenFilter::Parse(std::move(bytes)); });
}

TEST(PartAllocation, MoreBlocksThanAPartCanHave) {
  std::string tokens = WithZeros(Fixed32(kMaxBlocks + 1), 2 * (kMaxBlocks + 1));
  ExpectRefused([&] { return TokenFilter::Parse(std::move(tokens)); });
  std::string pairs = WithZeros(Fixed32(kMaxBlocks + 1), kMaxBlocks + 1);
  ExpectRefused([&] { return MetadataFilter::Parse(std::move(pairs)); });
}

}  // namespace
}  // namespace skald::storage
