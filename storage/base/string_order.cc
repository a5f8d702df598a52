#include "storage/base/string_order.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <tuple>

namespace skald {
namespace {

constexpr size_t kWordBytes = sizeof(uint64_t);
// So many keys ahead, memory is asked for.
constexpr ptrdiff_t kAhead = 16;

struct Item {
  uint64_t word;   // the key's next bytes, the first the most significant; zeros after its end
  uint32_t bytes;  // how many of them are the key's; kWordBytes + 1: there are more to come
  uint32_t index;

  bool operator<(const Item& other) const {
    return std::tie(word, bytes, index) < std::tie(other.word, other.bytes, other.index);
  }
  bool SameWord(const Item& other) const { return word == other.word && bytes == other.bytes; }
};

// A range of items whose keys share their first `depth` bytes.
struct Range {
  size_t begin;
  size_t end;
  size_t depth;
};

void Load(std::string_view key, size_t depth, Item* item) {
  const std::string_view rest = key.substr(depth);
  item->bytes = static_cast<uint32_t>(std::min(rest.size(), kWordBytes + 1));
  uint64_t word = 0;
  if (!rest.empty()) std::memcpy(&word, rest.data(), std::min(rest.size(), kWordBytes));
  if constexpr (std::endian::native == std::endian::little) word = __builtin_bswap64(word);
  item->word = word;
}

}  // namespace

std::vector<uint32_t> StringOrder(std::span<const std::string_view> keys) {
  std::vector<Item> items(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) items[i].index = static_cast<uint32_t>(i);
  std::vector<Range> open = {{0, items.size(), 0}};
  while (!open.empty()) {
    const Range range = open.back();
    open.pop_back();
    const auto begin = items.begin() + static_cast<ptrdiff_t>(range.begin);
    const auto end = items.begin() + static_cast<ptrdiff_t>(range.end);
    for (auto item = begin; item != end; ++item) {
      if (end - item > kAhead) __builtin_prefetch(keys[item[kAhead].index].data() + range.depth);
      Load(keys[item->index], range.depth, &*item);
    }
    std::sort(begin, end);
    for (auto first = begin; first != end;) {
      const auto last =
          std::find_if(first, end, [&](const Item& item) { return !item.SameWord(*first); });
      if (last - first > 1 && first->bytes > kWordBytes) {
        open.push_back({static_cast<size_t>(first - items.begin()),
                        static_cast<size_t>(last - items.begin()), range.depth + kWordBytes});
      }
      first = last;
    }
  }
  std::vector<uint32_t> order;
  order.reserve(items.size());
  for (const Item& item : items) order.push_back(item.index);
  return order;
}

}  // namespace skald
