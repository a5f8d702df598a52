// What tells the streams of a tenant apart in limits and metrics: the policy that they are under,
// and how long they are kept.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "storage/model/labels.h"

namespace skald::ingest {

struct StreamClass {
  std::string policy;           // empty: none
  std::string retention_hours;  // empty: for ever
};

// Says of which class a stream is. Threads: immutable.
class StreamClassifier {
 public:
  virtual ~StreamClassifier() = default;

  // At least one.
  virtual std::span<const StreamClass> classes() const = 0;
  // The place of the stream's class among them.
  virtual uint16_t ClassOf(const LabelSet& labels) const = 0;
};

}  // namespace skald::ingest
