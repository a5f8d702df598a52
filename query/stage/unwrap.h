// `| unwrap latency`: a label's value becomes the sample's (logql.md 8.2).
#pragma once

#include <string_view>

#include "query/stage/pipeline.h"

namespace skald::query {

// Fills Batch::values. Rows without a value are dropped; a value that does not convert counts as 0
// and puts the row into error. Threads: externally synchronised.
class Unwrapper : public Operator {
 public:
  // `unwrap` must outlive this.
  explicit Unwrapper(const Unwrap& unwrap) : unwrap_(unwrap) {}

  Status Apply(Batch* batch) override;

 private:
  StatusOr<double> Convert(std::string_view value) const;

  const Unwrap& unwrap_;
};

}  // namespace skald::query
