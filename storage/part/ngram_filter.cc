#include "storage/part/ngram_filter.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "absl/strings/ascii.h"
#include "storage/base/coding.h"
#include "storage/part/part.h"
#include "storage/part/part_format.h"

namespace skald::storage {
namespace {

constexpr uint32_t kGramBytes = 4;
constexpr uint32_t kRowsPerPage = 4096;
static_assert(kRowsPerPage * (kMaxBlocks / 8) <= kMaxPageRawBytes);
// A filter with more of its bits set than this prunes too little to be kept.
constexpr uint32_t kMaxSetBits = kNgramBits / 10 * 7;

enum NgramFlags : uint8_t {
  kFull = 1,            // the filter was dropped: the block may contain anything
  kSpecialFolding = 2,  // HasSpecialFolding
  kPlainWords = 4,      // HasPlainWords
};

constexpr std::string_view kKelvinSign = "\xE2\x84\xAA";
constexpr std::string_view kLongS = "\xC5\xBF";

uint32_t BitOf(uint32_t gram) { return (gram * 0x9E3779B1u) >> 15; }

// Folds 8 ASCII bytes at once; others stay.
uint64_t FoldWord(uint64_t word) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  const uint64_t low = word & (0x7f * kOnes);
  const uint64_t from_a = low + (0x80 - 'A') * kOnes;
  const uint64_t above_z = low + (0x7f - 'Z') * kOnes;
  const uint64_t upper = from_a & ~above_z & ~word & (0x80 * kOnes);
  return word | (upper >> 2);
}

void Fold(std::string_view text, std::string* out) {
  out->resize(text.size());
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    StoreFixed(out->data() + i, FoldWord(LoadFixed<uint64_t>(text.data() + i)));
  }
  for (; i < text.size(); ++i) {
    const uint64_t word = FoldWord(static_cast<uint8_t>(text[i]));
    (*out)[i] = static_cast<char>(word);
  }
}

bool IsAscii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
}

// True if the text has a JSON escape of an ASCII letter or digit, as logfmt has them too.
bool HasEscapedWord(std::string_view text) {
  constexpr std::string_view kPrefix = "\\u00";
  for (size_t at = text.find(kPrefix); at != std::string_view::npos;
       at = text.find(kPrefix, at + 1)) {
    const std::string_view digits = text.substr(at + kPrefix.size(), 2);
    uint8_t code = 0;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), code, 16);
    if (error == std::errc() && end == digits.end() && absl::ascii_isalnum(code)) return true;
  }
  return false;
}

// Calls f(piece) for the stretches of a folded literal whose bytes must occur as they are. Letters
// without regard to case may also be matched by runes outside ASCII: those pieces are cut out.
template <typename F>
void ForEachPiece(std::string_view literal, bool fold_case, bool special_folding, F&& f) {
  const auto cut = [&](char c) {
    if (!fold_case) return false;
    return (c & 0x80) != 0 || (special_folding && (c == 'k' || c == 's'));
  };
  size_t begin = 0;
  for (size_t i = 0; i <= literal.size(); ++i) {
    if (i < literal.size() && !cut(literal[i])) continue;
    f(literal.substr(begin, i - begin));
    begin = i + 1;
  }
}

}  // namespace

void AppendNgrams(std::string_view text, std::vector<uint32_t>* bits) {
  std::string folded;
  Fold(text, &folded);
  for (size_t i = 0; i + kGramBytes <= folded.size(); ++i) {
    bits->push_back(BitOf(LoadFixed<uint32_t>(folded.data() + i)));
  }
}

void NgramFilterBuilder::AddLine(std::string_view line) {
  Fold(line, &folded_);
  const char* const data = folded_.data();
  uint8_t* const seen = seen_.data();
  for (size_t i = 0; i + kGramBytes <= folded_.size(); ++i) {
    seen[BitOf(LoadFixed<uint32_t>(data + i))] = 1;
  }
  if (!special_folding_ && !IsAscii(line)) {
    special_folding_ = line.find(kKelvinSign) != std::string_view::npos ||
                       line.find(kLongS) != std::string_view::npos;
  }
  if (!escaped_words_) escaped_words_ = HasEscapedWord(line);
}

void NgramFilterBuilder::FinishBlock() {
  auto bits = std::make_unique<NgramBits>();
  uint32_t set = 0;
  for (uint32_t word = 0; word < bits->size(); ++word) {
    uint64_t value = 0;
    for (uint32_t i = 0; i < 64; ++i) value |= uint64_t{seen_[word * 64 + i]} << i;
    (*bits)[word] = value;
    set += static_cast<uint32_t>(std::popcount(value));
  }
  const bool full = set > kMaxSetBits;
  if (full) bits->fill(0);
  const auto flags =
      static_cast<uint8_t>((full ? kFull : 0) | (special_folding_ ? kSpecialFolding : 0) |
                           (escaped_words_ ? 0 : kPlainWords));
  AddBlock(flags, std::move(bits));
  std::fill(seen_.begin(), seen_.end(), 0);
  special_folding_ = false;
  escaped_words_ = false;
}

void NgramFilterBuilder::AddBlock(uint8_t flags, std::unique_ptr<NgramBits> bits) {
  flags_.push_back(flags);
  blocks_.push_back(std::move(bits));
}

Status NgramFilterBuilder::Finish(PageWriter* pages, std::string* section) {
  const size_t row_bytes = (blocks_.size() + 7) / 8;
  PutFixed32(section, static_cast<uint32_t>(blocks_.size()));
  PutFixed32(section, kNgramBits / kRowsPerPage);
  section->append(reinterpret_cast<const char*>(flags_.data()), flags_.size());
  for (uint32_t first = 0; first < kNgramBits; first += kRowsPerPage) {
    std::string rows(kRowsPerPage * row_bytes, '\0');
    for (size_t block = 0; block < blocks_.size(); ++block) {
      char* const column = rows.data() + block / 8;
      const NgramBits& bits = *blocks_[block];
      for (uint32_t word = 0; word < kRowsPerPage / 64; ++word) {
        for (uint64_t left = bits[first / 64 + word]; left != 0; left &= left - 1) {
          const uint32_t row = word * 64 + static_cast<uint32_t>(std::countr_zero(left));
          column[row * row_bytes] = static_cast<char>(column[row * row_bytes] | 1 << block % 8);
        }
      }
    }
    ASSIGN_OR_RETURN(const PageInfo page, pages->WritePage(rows));
    PutFixed64(section, page.offset);
    PutFixed32(section, page.size);
    PutFixed32(section, page.raw_size);
    PutFixed32(section, page.checksum);
  }
  return absl::OkStatus();
}

StatusOr<std::unique_ptr<NgramFilter>> NgramFilter::Parse(std::string_view section,
                                                          uint64_t file_size) {
  const Status damaged = DataLoss("damaged n-gram filter");
  std::unique_ptr<NgramFilter> filter(new NgramFilter());
  ByteReader reader(section);
  uint32_t blocks = 0;
  uint32_t pages = 0;
  std::string_view flags;
  if (!reader.ReadFixed32(&blocks) || !reader.ReadFixed32(&pages) ||
      pages != kNgramBits / kRowsPerPage || !reader.ReadBytes(blocks, &flags)) {
    return damaged;
  }
  filter->flags_.assign(flags.begin(), flags.end());
  filter->pages_.resize(pages);
  const size_t raw_size = size_t{kRowsPerPage} * ((size_t{blocks} + 7) / 8);
  for (PageInfo& page : filter->pages_) {
    if (!reader.ReadFixed64(&page.offset) || !reader.ReadFixed32(&page.size) ||
        !reader.ReadFixed32(&page.raw_size) || !reader.ReadFixed32(&page.checksum) ||
        page.raw_size != raw_size || !page.FitsInto(file_size)) {
      return damaged;
    }
  }
  return filter;
}

bool NgramFilter::HasSpecialFolding(uint32_t block) const {
  return (flags_[block] & kSpecialFolding) != 0;
}

bool NgramFilter::HasPlainWords(uint32_t block) const { return (flags_[block] & kPlainWords) != 0; }

StatusOr<std::optional<uint32_t>> NgramFilter::BitsSet(const Part& part, uint32_t block) const {
  if ((flags_[block] & kFull) != 0) return std::nullopt;
  const size_t row_bytes = (flags_.size() + 7) / 8;
  uint32_t set = 0;
  std::vector<PagePtr> read;
  for (const PageInfo& page : pages_) {
    RETURN_IF_ERROR(part.ReadPages({&page, 1}, &read, nullptr));
    const char* const column = read[0]->view().data() + block / 8;
    for (uint32_t row = 0; row < kRowsPerPage; ++row) {
      set += static_cast<uint32_t>(column[row * row_bytes] >> block % 8) & 1;
    }
  }
  return set;
}

Status NgramFilter::ReadColumns(const Part& part, uint32_t first,
                                std::span<uint64_t> columns) const {
  const size_t row_bytes = (flags_.size() + 7) / 8;
  const size_t bytes = std::min(sizeof(uint64_t), row_bytes - first / 8);
  std::vector<PagePtr> read;
  for (size_t page = 0; page < pages_.size(); ++page) {
    RETURN_IF_ERROR(part.ReadPages({&pages_[page], 1}, &read, nullptr));
    const char* const column = read[0]->view().data() + first / 8;
    for (size_t row = 0; row < kRowsPerPage; ++row) {
      uint64_t bits = 0;
      std::memcpy(&bits, column + row * row_bytes, bytes);
      columns[page * kRowsPerPage + row] = bits;
    }
  }
  return absl::OkStatus();
}

Status NgramFilter::Prune(const Part& part, const RequiredLiteral& literal, RowSet* blocks) const {
  const bool any_special =
      literal.fold_case && std::any_of(flags_.begin(), flags_.end(),
                                       [](uint8_t f) { return (f & kSpecialFolding) != 0; });
  std::vector<uint32_t> bits;
  std::string folded;
  Fold(literal.text, &folded);
  ForEachPiece(folded, literal.fold_case, any_special,
               [&](std::string_view piece) { AppendNgrams(piece, &bits); });
  if (bits.empty()) return absl::OkStatus();
  std::sort(bits.begin(), bits.end());
  bits.erase(std::unique(bits.begin(), bits.end()), bits.end());

  const size_t row_bytes = (flags_.size() + 7) / 8;
  std::string all(row_bytes, '\xff');
  std::vector<PagePtr> page;
  uint32_t open_page = kNgramBits;
  for (const uint32_t bit : bits) {
    if (bit / kRowsPerPage != open_page) {
      open_page = bit / kRowsPerPage;
      RETURN_IF_ERROR(part.ReadPages({&pages_[open_page], 1}, &page, nullptr));
    }
    const char* const row = page[0]->view().data() + (bit % kRowsPerPage) * row_bytes;
    for (size_t i = 0; i < row_bytes; ++i) all[i] = static_cast<char>(all[i] & row[i]);
  }
  for (uint32_t block = 0; block < flags_.size(); ++block) {
    const bool possible = (flags_[block] & kFull) != 0 || ((all[block / 8] >> block % 8) & 1) != 0;
    if (!possible) blocks->Remove(block);
  }
  return absl::OkStatus();
}

}  // namespace skald::storage
