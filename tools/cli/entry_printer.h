// Prints the entries of one answer in time order, with the labels that tell streams apart.
#pragma once

#include <vector>

#include "tools/cli/entry_format.h"
#include "tools/cli/options.h"
#include "tools/cli/output.h"
#include "tools/cli/response.h"

namespace skald::cli {

// The entries at the time at which a page of results ended, for the next page begins with them.
struct PageEdge {
  int64_t time = 0;
  std::vector<std::string> lines;
};

// Labels that all streams have in common, with the same value.
Labels CommonLabels(const std::vector<LogStream>& streams);

// Threads: immutable, if the output is thread-safe.
class EntryPrinter {
 public:
  // `options` and `output` must outlive the printer.
  EntryPrinter(const Options& options, Output* output)
      : options_(options), format_(options.print, ColoringFor(options.print)), output_(output) {}

  // Prints the entries of all streams, ordered as the query asks, but for those of `edge`; then
  // makes `edge` the end of this page. Says which labels are common or not shown unless quiet.
  // Returns how many entries were printed.
  StatusOr<int64_t> Print(const std::vector<LogStream>& streams, PageEdge* edge) const;

 private:
  const Options& options_;
  const EntryFormat format_;
  Output* const output_;
};

}  // namespace skald::cli
