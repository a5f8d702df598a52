#include "tools/bench/corpus_generator.h"

#include <algorithm>
#include <optional>

#include "tools/bench/body_generator.h"
#include "tools/bench/corpus_file.h"

namespace skald::bench {
namespace {

void Add(const CorpusBody& body, CorpusSummary* summary, CorpusWriter* writer) {
  writer->Add(body);
  summary->lines += body.lines;
  summary->line_bytes += body.line_bytes;
  ++summary->bodies;
}

}  // namespace

StatusOr<CorpusSummary> GenerateCorpus(const std::vector<Service>& services,
                                       const CorpusOptions& options, const std::string& path) {
  ASSIGN_OR_RETURN(CorpusWriter writer, CorpusWriter::Create(path, options.bodies.encoding));
  BodyGenerator generator(services, options.bodies);
  const uint64_t lines =
      std::max<uint64_t>(1, options.line_bytes / generator.MeanLineBytes(options.end));
  const int64_t step = std::max<int64_t>(1, options.span / static_cast<int64_t>(lines));
  CorpusSummary summary;
  summary.streams = generator.streams();
  summary.start = options.end - options.span;
  summary.end = summary.start;
  for (uint64_t i = 0; i < lines; ++i) {
    // Nanoseconds are as irregular as real ones.
    summary.end += generator.random().Between(0, 2 * step);
    if (const std::optional<CorpusBody> body = generator.AddLine(summary.end)) {
      Add(*body, &summary, &writer);
    }
    if (i == lines / 2) summary.trace = generator.last_trace();
  }
  for (const CorpusBody& body : generator.Finish()) Add(body, &summary, &writer);
  RETURN_IF_ERROR(writer.Finish());
  return summary;
}

}  // namespace skald::bench
