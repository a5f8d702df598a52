// The limits of a tenant made ready for use, and where the distributor gets them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/level_detector.h"
#include "ingest/limits.h"
#include "ingest/otlp_mapping.h"
#include "ingest/stream_class.h"
#include "storage/base/status.h"

namespace skald::ingest {

// The limits that streams of one class have of their own, or as all others.
struct ClassLimits {
  StreamClass stream_class;
  std::vector<std::string> enforced_labels;
  uint32_t max_streams = 0;   // active ones of the tenant; 0: any number
  int64_t blocked_until = 0;  // by the policy alone; wall ns, 0: not
};

// Threads: immutable; shared by pointer.
class IngestSettings {
 public:
  // Without a classifier all streams are of one class. InvalidArgument when the limits cannot work:
  // a regex that does not compile, an index label of a scope attribute.
  static StatusOr<std::shared_ptr<const IngestSettings>> Create(
      IngestLimits limits, std::shared_ptr<const StreamClassifier> classifier = nullptr);

  const IngestLimits& limits() const { return limits_; }
  // SerializeLimits(limits()): what the log keeps.
  const std::string& serialized() const { return serialized_; }
  // Differs between any two objects of the process.
  uint64_t id() const { return id_; }
  const LevelDetector& level_detector() const { return level_detector_; }
  const OtlpMapping& otlp_mapping() const { return otlp_mapping_; }

  // At least one.
  std::span<const ClassLimits> classes() const { return classes_; }
  uint16_t ClassOf(const LabelSet& labels) const {
    return classifier_ == nullptr ? 0 : classifier_->ClassOf(labels);
  }
  // Whether a class has a limit on streams, or is blocked.
  bool limits_streams() const { return limits_streams_; }
  bool blocks_policies() const { return blocks_policies_; }

 private:
  IngestSettings(IngestLimits limits, OtlpMapping mapping,
                 std::shared_ptr<const StreamClassifier> classifier);

  const IngestLimits limits_;
  const std::string serialized_;
  const uint64_t id_;
  const LevelDetector level_detector_;
  const OtlpMapping otlp_mapping_;
  const std::shared_ptr<const StreamClassifier> classifier_;
  const std::vector<ClassLimits> classes_;
  const bool limits_streams_;
  const bool blocks_policies_;
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
