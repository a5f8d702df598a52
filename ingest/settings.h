// The limits of a tenant made ready for use, and where the distributor gets them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "ingest/level_detector.h"
#include "ingest/limits.h"
#include "ingest/otlp_mapping.h"
#include "storage/base/status.h"

namespace skald::ingest {

// Threads: immutable; shared by pointer.
class IngestSettings {
 public:
  // InvalidArgument when the limits cannot work: a regex that does not compile, an index label of
  // a scope attribute.
  static StatusOr<std::shared_ptr<const IngestSettings>> Create(IngestLimits limits);

  const IngestLimits& limits() const { return limits_; }
  // SerializeLimits(limits()): what the log keeps.
  const std::string& serialized() const { return serialized_; }
  // Differs between any two objects of the process.
  uint64_t id() const { return id_; }
  const LevelDetector& level_detector() const { return level_detector_; }
  const OtlpMapping& otlp_mapping() const { return otlp_mapping_; }

 private:
  IngestSettings(IngestLimits limits, OtlpMapping mapping);

  const IngestLimits limits_;
  const std::string serialized_;
  const uint64_t id_;
  const LevelDetector level_detector_;
  const OtlpMapping otlp_mapping_;
};

// Threads: thread-safe.
class LimitsProvider {
 public:
  virtual ~LimitsProvider() = default;
  // The settings in force for a tenant: the same object as long as they do not change, since
  // caches go by it. Never null.
  virtual std::shared_ptr<const IngestSettings> SettingsOf(std::string_view tenant) = 0;
};

}  // namespace skald::ingest
