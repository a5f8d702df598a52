// Fuzzes the decoders of pushes: the first byte names message and encoding, the rest is the body.
// Every body decodes or is refused, within the limit; label texts of decoded streams parse or not.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ingest/push_decoder.h"
#include "storage/base/units.h"
#include "storage/model/label_parser.h"

namespace {

using namespace skald;
using namespace skald::ingest;

constexpr uint64_t kLimit = 1_MiB;

// Reads every byte that the batch shows, so that a view out of bounds is seen.
size_t SumOf(const PushBatch& batch) {
  size_t sum = 0;
  const auto add = [&sum](std::string_view text) {
    for (const char c : text) sum += static_cast<uint8_t>(c);
  };
  for (const PushStream& stream : batch.streams()) {
    add(stream.labels);
    ParseLabelText(stream.labels).status().IgnoreError();
    for (const PushEntry& entry : batch.EntriesOf(stream)) {
      add(entry.line);
      for (const LabelView& label : batch.MetadataOf(entry)) {
        add(label.name);
        add(label.value);
      }
    }
  }
  return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const OtlpMapping otlp = *OtlpMapping::Create(OtlpConfig());
  if (size == 0) return 0;
  const auto format = BodyFormat::FromByte(data[0]);
  if (!format.ok()) return 0;
  const PushBody body{*format, {reinterpret_cast<const char*>(data) + 1, size - 1}, 1};
  MemoryBudget budget("fuzz", 64_MiB);
  Reservation memory(&budget);
  PushDecoder decoder;
  PushBatch batch;
  batch.Reset(&memory);
  if (!decoder.Decode(body, otlp, kLimit, &memory, &batch).ok()) return 0;
  volatile size_t sum = SumOf(batch);
  static_cast<void>(sum);
  return 0;
}
