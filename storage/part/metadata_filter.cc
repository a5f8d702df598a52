#include "storage/part/metadata_filter.h"

#include <utility>

#include "storage/base/coding.h"
#include "storage/base/hash.h"
#include "storage/part/bloom_filter.h"
#include "storage/part/part_format.h"

namespace skald::storage {
namespace {

uint64_t HashPair(std::string_view name, std::string_view value, std::string* scratch) {
  scratch->clear();
  PutLengthPrefixed(scratch, name);
  scratch->append(value);
  return Hash64(*scratch);
}

}  // namespace

void MetadataFilterBuilder::Add(std::string_view name, std::string_view value) {
  hashes_.push_back(HashPair(name, value, &scratch_));
}

void MetadataFilterBuilder::FinishBlock() {
  blocks_.push_back(BuildBloomFilter(&hashes_));
  hashes_.clear();
}

void MetadataFilterBuilder::AddBlock(std::string_view filter) { blocks_.emplace_back(filter); }

void MetadataFilterBuilder::Finish(std::string* section) const {
  PutFixed32(section, static_cast<uint32_t>(blocks_.size()));
  for (const std::string& filter : blocks_) PutVarint64(section, filter.size());
  for (const std::string& filter : blocks_) section->append(filter);
}

StatusOr<std::unique_ptr<MetadataFilter>> MetadataFilter::Parse(std::string section) {
  const Status damaged = DataLoss("damaged metadata filter");
  std::unique_ptr<MetadataFilter> filter(new MetadataFilter());
  filter->bytes_ = std::move(section);
  ByteReader reader(filter->bytes_);
  uint32_t blocks = 0;
  if (!reader.ReadFixed32(&blocks) || blocks > kMaxBlocks || blocks > reader.remaining()) {
    return damaged;
  }
  std::vector<uint64_t> sizes(blocks);
  for (uint64_t& size : sizes) {
    if (!reader.ReadVarint64(&size)) return damaged;
  }
  filter->filters_.resize(blocks);
  for (size_t i = 0; i < blocks; ++i) {
    if (!reader.ReadBytes(sizes[i], &filter->filters_[i])) return damaged;
  }
  if (!reader.empty()) return damaged;
  return filter;
}

bool MetadataFilter::MayContain(size_t block, std::string_view name, std::string_view value) const {
  std::string scratch;
  return BloomFilterMayContain(filters_[block], HashPair(name, value, &scratch));
}

}  // namespace skald::storage
