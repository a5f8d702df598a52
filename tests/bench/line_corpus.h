// Real log lines for benchmarks, as decoded pages: the lines of a file or of every file below a
// folder, sorted by their format and repeated until there is enough to leave every cache behind.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"

namespace skald::bench {

enum class LineKind { kAny, kJson, kLogfmt, kAccess };

// Lines joined without separators, as storage decodes them.
struct LinePage {
  std::string text;
  std::vector<size_t> starts;  // of each line, and the end of the last

  size_t rows() const { return starts.size() - 1; }
  std::string_view line(size_t row) const {
    return std::string_view(text).substr(starts[row], starts[row + 1] - starts[row]);
  }
};

// Threads: immutable once read.
class LineCorpus {
 public:
  // Reads the lines at `path`. NotFound if there are none.
  static StatusOr<LineCorpus> Read(const std::string& path);

  // At least `bytes` of lines of a kind in pages of 256 KiB; empty if the corpus has none.
  std::vector<LinePage> Pages(LineKind kind, size_t bytes) const;

  // A word whose lines' share of all lines is nearest to `share`.
  std::string WordInShare(double share) const;
  // Of the fields that at least a third of the lines of a kind (kJson, kLogfmt) have, the one that
  // stands nearest to their middle.
  std::string MiddleField(LineKind kind) const;

 private:
  bool Has(size_t line, LineKind kind) const {
    return kind == LineKind::kAny || kinds_[line] == kind;
  }

  std::vector<std::string> lines_;
  std::vector<LineKind> kinds_;  // kAny: of no kind known
};

}  // namespace skald::bench
