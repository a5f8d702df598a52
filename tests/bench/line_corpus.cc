#include "tests/bench/line_corpus.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <utility>

#include "storage/base/strings.h"

namespace skald::bench {
namespace {

constexpr size_t kPageBytes = 256 << 10;
// Lines looked at to choose words and fields.
constexpr size_t kSample = 20000;

bool IsWordByte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

// Calls use(word, offset, byte after it) for each word of the line.
template <typename Use>
void ForEachWord(std::string_view line, const Use& use) {
  for (size_t i = 0; i < line.size();) {
    const size_t begin = i;
    while (i < line.size() && IsWordByte(line[i])) ++i;
    if (i > begin) use(line.substr(begin, i - begin), begin, i < line.size() ? line[i] : '\0');
    ++i;
  }
}

LineKind KindOf(std::string_view line) {
  if (line.starts_with('{') && line.ends_with('}')) return LineKind::kJson;
  const size_t blank = line.find(' ');
  if (line.find('=') < blank && std::count(line.begin(), line.end(), '=') >= 3) {
    return LineKind::kLogfmt;
  }
  return line.find("] \"") != line.npos && line.find(" HTTP/") != line.npos ? LineKind::kAccess
                                                                            : LineKind::kAny;
}

std::vector<std::filesystem::path> FilesAt(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return {path};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path, error)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

StatusOr<LineCorpus> LineCorpus::Read(const std::string& path) {
  LineCorpus corpus;
  std::string line;
  for (const std::filesystem::path& file : FilesAt(path)) {
    std::ifstream in(file);
    while (std::getline(in, line)) {
      if (line.empty()) continue;
      corpus.kinds_.push_back(KindOf(line));
      corpus.lines_.push_back(line);
    }
  }
  if (corpus.lines_.empty()) return Status(absl::StatusCode::kNotFound, "no lines there");
  return corpus;
}

std::vector<LinePage> LineCorpus::Pages(LineKind kind, size_t bytes) const {
  std::vector<LinePage> pages;
  size_t total = 0;
  while (total < bytes) {
    const size_t before = total;
    for (size_t i = 0; i < lines_.size() && total < bytes; ++i) {
      if (!Has(i, kind)) continue;
      if (pages.empty() || pages.back().text.size() + lines_[i].size() > kPageBytes) {
        pages.emplace_back().starts.push_back(0);
        pages.back().text.reserve(std::max(kPageBytes, lines_[i].size()));
      }
      pages.back().text += lines_[i];
      pages.back().starts.push_back(pages.back().text.size());
      total += lines_[i].size();
    }
    if (total == before) break;
  }
  return pages;
}

std::string LineCorpus::WordInShare(double share) const {
  const size_t stride = std::max<size_t>(1, lines_.size() / kSample);
  std::map<std::string, size_t, std::less<>> counts;
  size_t seen = 0;
  for (size_t i = 0; i < lines_.size(); i += stride, ++seen) {
    std::set<std::string_view> words;
    ForEachWord(lines_[i], [&](std::string_view word, size_t, char) {
      if (word.size() >= 5 && word.size() <= 16) words.insert(word);
    });
    for (const std::string_view word : words) ++counts[std::string(word)];
  }
  const auto distance = [&](size_t count) {
    return std::abs(std::log(static_cast<double>(count) / static_cast<double>(seen) / share));
  };
  const auto best = std::min_element(
      counts.begin(), counts.end(),
      [&](const auto& a, const auto& b) { return distance(a.second) < distance(b.second); });
  return best == counts.end() ? "" : best->first;
}

std::string LineCorpus::MiddleField(LineKind kind) const {
  struct Field {
    size_t lines = 0;
    double position = 0;
  };
  std::map<std::string, Field, std::less<>> fields;
  size_t seen = 0;
  for (size_t i = 0; i < lines_.size() && seen < kSample; ++i) {
    if (!Has(i, kind)) continue;
    ++seen;
    ForEachWord(lines_[i], [&](std::string_view word, size_t offset, char next) {
      const std::string_view line = lines_[i];
      const bool is_field = offset > 0 && (kind == LineKind::kJson
                                               ? line[offset - 1] == '"' && next == '"' &&
                                                     line.substr(offset + word.size() + 1, 1) == ":"
                                               : line[offset - 1] == ' ' && next == '=');
      if (!is_field) return;
      Field& field = fields[std::string(word)];
      ++field.lines;
      field.position += static_cast<double>(offset) / static_cast<double>(lines_[i].size());
    });
  }
  std::string best;
  double nearest = 1;
  for (const auto& [name, field] : fields) {
    const double distance = std::abs(field.position / static_cast<double>(field.lines) - 0.5);
    if (field.lines * 3 < seen || distance >= nearest) continue;
    nearest = distance;
    best = name;
  }
  return best;
}

}  // namespace skald::bench
