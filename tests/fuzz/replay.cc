// Runs a fuzz target over a seed corpus without libFuzzer: every seed, its prefixes, and seeds with
// a few bytes changed. The changes are the same in every run.
//
//   fuzz_NAME_replay FOLDER...
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr size_t kPrefixes = 256;
constexpr size_t kChanges = 500;
constexpr int kMaxChangedBytes = 4;

void Run(const std::string& input) {
  // A copy of exactly this size, so that reading past its end is seen by the sanitizers.
  const std::vector<uint8_t> exact(input.begin(), input.end());
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

void RunPrefixes(const std::string& seed) {
  const size_t step = std::max<size_t>(1, seed.size() / kPrefixes);
  for (size_t size = 0; size < seed.size(); size += step) Run(seed.substr(0, size));
}

void RunChanged(const std::string& seed) {
  if (seed.empty()) return;
  std::mt19937 random(static_cast<uint32_t>(seed.size()));
  for (size_t i = 0; i < kChanges; ++i) {
    std::string changed = seed;
    for (int bytes = 1 + static_cast<int>(random() % kMaxChangedBytes); bytes > 0; --bytes) {
      changed[random() % changed.size()] = static_cast<char>(random());
    }
    Run(changed);
  }
}

// A folder that is not there has none.
std::vector<std::filesystem::path> SeedsIn(const char* folder) {
  std::vector<std::filesystem::path> seeds;
  if (!std::filesystem::exists(folder)) return seeds;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_regular_file()) seeds.push_back(entry.path());
  }
  std::sort(seeds.begin(), seeds.end());
  return seeds;
}

}  // namespace

int main(int argc, char** argv) {
  size_t count = 0;
  for (int i = 1; i < argc; ++i) {
    for (const std::filesystem::path& path : SeedsIn(argv[i])) {
      std::ifstream file(path, std::ios::binary);
      const std::string seed((std::istreambuf_iterator<char>(file)), {});
      Run(seed);
      RunPrefixes(seed);
      RunChanged(seed);
      ++count;
    }
  }
  std::printf("%zu seeds\n", count);
  return count > 0 ? 0 : 1;
}
