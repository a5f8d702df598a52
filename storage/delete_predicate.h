// The border between delete requests, which storage keeps as text, and LogQL, which it does not
// know: whoever opens the engine hands it a compiler of such texts.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "storage/base/row_set.h"
#include "storage/base/status.h"
#include "storage/base/stop.h"
#include "storage/model/matcher.h"
#include "storage/model/timestamp.h"
#include "storage/reader.h"

namespace skald::storage {

// Which rows a request means. The answer depends on nothing but the row and its labels: it is
// remembered. Threads: immutable.
class DeletePredicate {
 public:
  virtual ~DeletePredicate() = default;

  // Streams that do not satisfy these have no such rows.
  virtual const std::vector<Matcher>& matchers() const = 0;

  // Calls sink(i, rows) for every unit i of the selection that has meant rows in `range`; `rows` is
  // of the unit's block. REQUIRES: `selection` was made with matchers().
  virtual Status FindRows(const Selection& selection, TimeRange range, const StopToken* stop,
                          absl::FunctionRef<void(size_t unit, const RowSet& rows)> sink) const = 0;
};

// Threads: thread-safe.
class DeleteCompiler {
 public:
  virtual ~DeleteCompiler() = default;
  // InvalidArgument when the text is no query over log lines.
  virtual StatusOr<std::shared_ptr<const DeletePredicate>> Compile(std::string_view query) = 0;
};

}  // namespace skald::storage
