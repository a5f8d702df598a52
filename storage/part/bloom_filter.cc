#include "storage/part/bloom_filter.h"

#include <algorithm>

namespace skald::storage {
namespace {

constexpr size_t kBitsPerKey = 12;
constexpr int kProbes = 8;

// Calls f(bit) for the probes of a key until it returns false.
template <typename F>
void ForEachProbe(uint64_t hash, size_t bits, F&& f) {
  const uint64_t step = (hash >> 32) | 1;
  uint64_t at = hash;
  for (int i = 0; i < kProbes; ++i, at += step) {
    if (!f(static_cast<size_t>((at & 0xffffffff) * bits >> 32))) return;
  }
}

}  // namespace

std::string BuildBloomFilter(std::vector<uint64_t>* hashes) {
  std::sort(hashes->begin(), hashes->end());
  hashes->erase(std::unique(hashes->begin(), hashes->end()), hashes->end());
  std::string filter((hashes->size() * kBitsPerKey + 7) / 8, '\0');
  for (const uint64_t hash : *hashes) {
    ForEachProbe(hash, filter.size() * 8, [&](size_t bit) {
      filter[bit / 8] = static_cast<char>(filter[bit / 8] | 1 << bit % 8);
      return true;
    });
  }
  return filter;
}

bool BloomFilterMayContain(std::string_view filter, uint64_t hash) {
  if (filter.empty()) return false;
  bool present = true;
  ForEachProbe(hash, filter.size() * 8, [&](size_t bit) {
    present = ((filter[bit / 8] >> bit % 8) & 1) != 0;
    return present;
  });
  return present;
}

}  // namespace skald::storage
