#include "query/stage/unwrap.h"

#include <chrono>

#include "storage/base/byte_size.h"
#include "storage/base/duration.h"
#include "storage/base/go_number.h"

namespace skald::query {
namespace {

constexpr std::string_view kSampleExtractionError = "SampleExtractionErr";

}  // namespace

StatusOr<double> Unwrapper::Convert(std::string_view value) const {
  switch (unwrap_.conversion) {
    case UnwrapConversion::kNone: {
      double number = 0;
      if (TryParseGoFloat(value, &number)) return number;
      return ParseGoFloat(value);
    }
    case UnwrapConversion::kBytes: {
      ASSIGN_OR_RETURN(const uint64_t bytes, ParseHumanizedBytes(value));
      return static_cast<double>(bytes);
    }
    case UnwrapConversion::kDuration:
    case UnwrapConversion::kDurationSeconds: {
      ASSIGN_OR_RETURN(const std::chrono::nanoseconds duration, ParseGoDuration(value));
      // Whole seconds and the rest apart, as Go's Duration.Seconds does.
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
      return static_cast<double>(seconds.count()) +
             static_cast<double>((duration - seconds).count()) / 1e9;
    }
  }
  return 0.0;
}

Status Unwrapper::Apply(Batch* batch) {
  batch->values.assign(batch->size(), 0);
  LabelReader reader(*batch, unwrap_.label);
  return batch->KeepRows([&](uint32_t row) {
    const std::string_view value = reader(row);
    if (value.empty()) return false;
    const StatusOr<double> number = Convert(value);
    if (number.ok()) {
      batch->values[row] = *number;
    } else {
      batch->SetError(row, kSampleExtractionError);
      batch->SetErrorDetails(row, batch->arena()->Copy(Message(number.status())));
    }
    return true;
  });
}

}  // namespace skald::query
