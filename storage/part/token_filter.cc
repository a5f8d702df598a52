#include "storage/part/token_filter.h"

#include <algorithm>
#include <array>
#include <utility>

#include "storage/base/coding.h"
#include "storage/base/hash.h"
#include "storage/part/bloom_filter.h"
#include "storage/part/part_format.h"

namespace skald::storage {
namespace {

// 0: no letter or digit; 1: letter; 2: digit.
constexpr std::array<uint8_t, 256> MakeClasses() {
  std::array<uint8_t, 256> classes{};
  for (int c = 'a'; c <= 'z'; ++c) classes[static_cast<size_t>(c)] = 1;
  for (int c = 'A'; c <= 'Z'; ++c) classes[static_cast<size_t>(c)] = 1;
  for (int c = '0'; c <= '9'; ++c) classes[static_cast<size_t>(c)] = 2;
  return classes;
}
constexpr std::array<uint8_t, 256> kClasses = MakeClasses();

uint8_t ClassOf(char c) { return kClasses[static_cast<uint8_t>(c)]; }

uint64_t HashToken(std::string_view token) {
  char folded[64];
  if (token.size() > sizeof(folded)) {
    std::string copy(token);
    for (char& c : copy) c = ClassOf(c) == 1 ? static_cast<char>(c | 0x20) : c;
    return Hash64(copy);
  }
  for (size_t i = 0; i < token.size(); ++i) {
    folded[i] = ClassOf(token[i]) == 1 ? static_cast<char>(token[i] | 0x20) : token[i];
  }
  return Hash64({folded, token.size()});
}

// Calls f(begin, end) for every id-like token. Looks first at the byte where the shortest token
// that begins here would end: most runs of text are shorter, and are skipped unread.
template <typename F>
void ForEachToken(std::string_view text, F&& f) {
  size_t begin = 0;
  while (begin + kMinTokenBytes <= text.size()) {
    size_t i = begin + kMinTokenBytes;
    while (i > begin && ClassOf(text[i - 1]) != 0) --i;
    if (i > begin) {
      begin = i;
      continue;
    }
    size_t end = begin + kMinTokenBytes;
    while (end < text.size() && ClassOf(text[end]) != 0) ++end;
    const bool has_digit = std::any_of(text.begin() + static_cast<ptrdiff_t>(begin),
                                       text.begin() + static_cast<ptrdiff_t>(end),
                                       [](char c) { return ClassOf(c) == 2; });
    if (has_digit) f(begin, end);
    begin = end + 1;
  }
}

}  // namespace

void TokenFilterBuilder::AddLine(std::string_view line) {
  ForEachToken(line, [&](size_t begin, size_t end) {
    hashes_.push_back(HashToken(line.substr(begin, end - begin)));
    longest_ = std::max(longest_, end - begin);
  });
}

void TokenFilterBuilder::FinishBlock() {
  blocks_.emplace_back(longest_, BuildBloomFilter(&hashes_));
  hashes_.clear();
  longest_ = 0;
}

void TokenFilterBuilder::AddBlock(size_t longest_token, std::string_view filter) {
  blocks_.emplace_back(longest_token, filter);
}

void TokenFilterBuilder::Finish(std::string* section) const {
  PutFixed32(section, static_cast<uint32_t>(blocks_.size()));
  for (const auto& [longest, bits] : blocks_) {
    PutVarint64(section, longest);
    PutVarint64(section, bits.size());
  }
  for (const auto& [longest, bits] : blocks_) section->append(bits);
}

StatusOr<std::unique_ptr<TokenFilter>> TokenFilter::Parse(std::string section) {
  const Status damaged = DataLoss("damaged id filter");
  std::unique_ptr<TokenFilter> filter(new TokenFilter());
  filter->bytes_ = std::move(section);
  ByteReader reader(filter->bytes_);
  uint32_t blocks = 0;
  if (!reader.ReadFixed32(&blocks) || blocks > kMaxBlocks || blocks > reader.remaining() / 2) {
    return damaged;
  }
  std::vector<std::pair<uint64_t, uint64_t>> sizes(blocks);
  for (auto& [longest, size] : sizes) {
    if (!reader.ReadVarint64(&longest) || !reader.ReadVarint64(&size)) return damaged;
  }
  for (const auto& [longest, size] : sizes) {
    Filter entry{longest, {}};
    if (!reader.ReadBytes(size, &entry.bits)) return damaged;
    filter->filters_.push_back(entry);
  }
  if (!reader.empty()) return damaged;
  return filter;
}

std::vector<TokenFilter::Run> TokenFilter::RunsOf(const RequiredLiteral& literal) {
  const std::string_view needle = literal.text;
  std::vector<Run> runs;
  ForEachToken(needle, [&](size_t begin, size_t end) {
    const bool whole =
        literal.place == LiteralPlace::kWholeField || (begin > 0 && end < needle.size());
    runs.push_back({HashToken(needle.substr(begin, end - begin)), end - begin, whole});
  });
  return runs;
}

bool TokenFilter::MayContain(uint32_t block, const std::vector<Run>& runs) const {
  const Filter& filter = filters_[block];
  for (const Run& run : runs) {
    if (!run.whole && filter.longest > run.size) continue;
    if (filter.longest < run.size) return false;
    if (!BloomFilterMayContain(filter.bits, run.hash)) return false;
  }
  return true;
}

}  // namespace skald::storage
