// `| decolorize`: removes ANSI escape sequences from lines (logql.md 5.9).
#pragma once

#include <memory>
#include <string>

#include "query/stage/pipeline.h"
#include "re2/re2.h"

namespace skald::query {

// Threads: externally synchronised.
class Decolorizer : public Operator {
 public:
  Decolorizer();

  Status Apply(Batch* batch) override;

 private:
  std::shared_ptr<const RE2> sequences_;
  std::string scratch_;
};

}  // namespace skald::query
