#include "ingest/settings.h"

#include <atomic>
#include <utility>

namespace skald::ingest {
namespace {

uint64_t NextId() {
  static std::atomic<uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

StatusOr<std::shared_ptr<const IngestSettings>> IngestSettings::Create(IngestLimits limits) {
  ASSIGN_OR_RETURN(OtlpMapping mapping, OtlpMapping::Create(limits.otlp_config));
  return std::shared_ptr<const IngestSettings>(
      new IngestSettings(std::move(limits), std::move(mapping)));
}

IngestSettings::IngestSettings(IngestLimits limits, OtlpMapping mapping)
    : limits_(std::move(limits)),
      serialized_(SerializeLimits(limits_)),
      id_(NextId()),
      level_detector_(limits_.log_level_fields, limits_.log_level_from_json_max_depth),
      otlp_mapping_(std::move(mapping)) {}

}  // namespace skald::ingest
