#include "storage/part/block_directory.h"

#include <algorithm>
#include <utility>

#include "storage/base/coding.h"

namespace skald::storage {
namespace {

Status Damaged() { return DataLoss("damaged block directory"); }

// Bytes of a block, of a page, and of the two numbers that follow those of the last block.
constexpr uint64_t kBlockBytes = 3 * sizeof(uint64_t) + sizeof(uint32_t);
constexpr uint64_t kPageBytes = sizeof(uint64_t) + 4 * sizeof(uint32_t) + 2 * sizeof(uint8_t);
constexpr uint64_t kEndBytes = sizeof(uint64_t) + sizeof(uint32_t);

// Takes an array of `count` fixed-width numbers off `bytes`, which has it, and hands each to
// `assign(index, value)`.
template <typename T, typename Assign>
void ReadArray(std::string_view* bytes, size_t count, Assign assign) {
  for (size_t i = 0; i < count; ++i) assign(i, LoadFixed<T>(bytes->data() + i * sizeof(T)));
  bytes->remove_prefix(count * sizeof(T));
}

}  // namespace

bool PageInfo::FitsInto(uint64_t file_size) const {
  return offset <= file_size && size <= file_size - offset && raw_size <= kMaxPageRawBytes;
}

void BlockDirectory::Add(const BlockInfo& block, std::span<const PageInfo> pages) {
  blocks_.push_back(block);
  pages_.insert(pages_.end(), pages.begin(), pages.end());
  first_page_.push_back(static_cast<uint32_t>(pages_.size()));
}

std::string BlockDirectory::Encode() const {
  std::string out;
  PutFixed32(&out, static_cast<uint32_t>(blocks_.size()));
  PutFixed32(&out, static_cast<uint32_t>(pages_.size()));
  for (const BlockInfo& block : blocks_) PutFixed64(&out, block.first_row);
  PutFixed64(&out, rows());
  for (const BlockInfo& block : blocks_) PutFixed64(&out, static_cast<uint64_t>(block.min_time));
  for (const BlockInfo& block : blocks_) PutFixed64(&out, static_cast<uint64_t>(block.max_time));
  for (const uint32_t page : first_page_) PutFixed32(&out, page);
  for (const PageInfo& page : pages_) PutFixed64(&out, page.offset);
  for (const PageInfo& page : pages_) PutFixed32(&out, page.size);
  for (const PageInfo& page : pages_) PutFixed32(&out, page.raw_size);
  for (const PageInfo& page : pages_) PutFixed32(&out, page.checksum);
  for (const PageInfo& page : pages_) PutFixed32(&out, page.first_row);
  for (const PageInfo& page : pages_) out.push_back(static_cast<char>(page.kind));
  for (const PageInfo& page : pages_) out.push_back(static_cast<char>(page.encoding));
  return out;
}

StatusOr<std::unique_ptr<BlockDirectory>> BlockDirectory::Parse(std::string_view bytes,
                                                                uint64_t file_size) {
  ByteReader header(bytes);
  uint32_t blocks = 0;
  uint32_t pages = 0;
  if (!header.ReadFixed32(&blocks) || !header.ReadFixed32(&pages)) return Damaged();
  std::string_view rest = header.rest();
  // The few pages of a block that are empty are fewer than the bytes of its times and lengths.
  if (blocks > kMaxBlocks || pages > file_size ||
      rest.size() != blocks * kBlockBytes + pages * kPageBytes + kEndBytes) {
    return Damaged();
  }
  auto directory = std::make_unique<BlockDirectory>();
  std::vector<BlockInfo>& b = directory->blocks_;
  std::vector<PageInfo>& p = directory->pages_;
  b.resize(blocks);
  p.resize(pages);
  directory->first_page_.resize(blocks + size_t{1});
  std::vector<uint64_t> first_row(blocks + size_t{1});
  ReadArray<uint64_t>(&rest, first_row.size(), [&](size_t i, auto v) { first_row[i] = v; });
  ReadArray<int64_t>(&rest, blocks, [&](size_t i, auto v) { b[i].min_time = v; });
  ReadArray<int64_t>(&rest, blocks, [&](size_t i, auto v) { b[i].max_time = v; });
  ReadArray<uint32_t>(&rest, first_row.size(),
                      [&](size_t i, auto v) { directory->first_page_[i] = v; });
  ReadArray<uint64_t>(&rest, pages, [&](size_t i, auto v) { p[i].offset = v; });
  ReadArray<uint32_t>(&rest, pages, [&](size_t i, auto v) { p[i].size = v; });
  ReadArray<uint32_t>(&rest, pages, [&](size_t i, auto v) { p[i].raw_size = v; });
  ReadArray<uint32_t>(&rest, pages, [&](size_t i, auto v) { p[i].checksum = v; });
  ReadArray<uint32_t>(&rest, pages, [&](size_t i, auto v) { p[i].first_row = v; });
  ReadArray<uint8_t>(&rest, pages, [&](size_t i, auto v) { p[i].kind = static_cast<PageKind>(v); });
  ReadArray<uint8_t>(&rest, pages, [&](size_t i, auto v) { p[i].encoding = v; });
  if (directory->first_page_[blocks] != pages || first_row[0] != 0) return Damaged();
  for (size_t i = 0; i < blocks; ++i) {
    const uint64_t rows = first_row[i + 1] - first_row[i];
    if (first_row[i + 1] <= first_row[i] || rows > kMaxBlockRows) return Damaged();
    b[i].first_row = first_row[i];
    b[i].rows = static_cast<uint32_t>(rows);
    RETURN_IF_ERROR(directory->CheckBlock(i, file_size));
  }
  if (!directory->PagesAreApart(PageKind::kTimes) ||
      !directory->PagesAreApart(PageKind::kLengths)) {
    return Damaged();
  }
  return directory;
}

bool BlockDirectory::PagesAreApart(PageKind kind) const {
  uint64_t end = 0;
  for (const PageInfo& page : pages_) {
    if (page.kind != kind) continue;
    if (page.offset < end) return false;
    end = page.offset + std::max<uint64_t>(page.size, 1);
  }
  return true;
}

Status BlockDirectory::CheckBlock(size_t block, uint64_t file_size) const {
  const uint32_t first = first_page_[block];
  const uint32_t last = first_page_[block + 1];
  if (first > last || last > pages_.size()) return Damaged();
  if (blocks_[block].min_time > blocks_[block].max_time) return Damaged();
  int64_t previous_line_row = -1;
  bool times = false;
  bool lengths = false;
  for (const PageInfo& page : pages(block)) {
    if (!page.FitsInto(file_size)) return Damaged();
    times |= page.kind == PageKind::kTimes;
    lengths |= page.kind == PageKind::kLengths;
    if (page.kind != PageKind::kLines) continue;
    if (page.first_row >= blocks_[block].rows || page.first_row <= previous_line_row ||
        (previous_line_row < 0 && page.first_row != 0)) {
      return Damaged();
    }
    previous_line_row = page.first_row;
  }
  return times && lengths && previous_line_row >= 0 ? absl::OkStatus() : Damaged();
}

std::pair<size_t, size_t> BlockDirectory::BlocksOfRows(uint64_t begin, uint64_t end) const {
  const auto first_after = [this](uint64_t row) {
    const auto it =
        std::upper_bound(blocks_.begin(), blocks_.end(), row,
                         [](uint64_t r, const BlockInfo& b) { return r < b.first_row; });
    return static_cast<size_t>(it - blocks_.begin());
  };
  if (begin >= end || blocks_.empty()) return {0, 0};
  return {first_after(begin) - 1, first_after(end - 1)};
}

size_t BlockDirectory::charge() const {
  return blocks_.size() * (sizeof(BlockInfo) + sizeof(uint32_t)) + pages_.size() * sizeof(PageInfo);
}

}  // namespace skald::storage
