#include "tools/bench/corpus_generator.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "storage/base/strings.h"
#include "tools/bench/corpus_file.h"

namespace skald::bench {
namespace {

// Lines in a row that a request makes, at most.
constexpr uint64_t kMaxLinesOfRequest = 6;
constexpr size_t kSampleLines = 4000;

// A pod of a service and the request that it is busy with.
struct Pod {
  const Service* service;
  std::string name;
  BodyStream stream;  // what its node has gathered
  std::string trace;
  uint64_t lines_left = 0;  // of the request
};

// What a node has gathered since its last push.
struct Node {
  std::vector<size_t> pods;
  uint64_t bytes = 0;
  uint32_t lines = 0;
};

// Picks an index in proportion to weights.
class WeightedPick {
 public:
  explicit WeightedPick(std::vector<uint64_t> weights) : sums_(std::move(weights)) {
    std::partial_sum(sums_.begin(), sums_.end(), sums_.begin());
  }
  size_t operator()(GeneratorRandom* random) const {
    const uint64_t at = random->Below(sums_.back());
    return static_cast<size_t>(std::upper_bound(sums_.begin(), sums_.end(), at) - sums_.begin());
  }

 private:
  std::vector<uint64_t> sums_;
};

WeightedPick PickOfLines(const Service& service) {
  std::vector<uint64_t> weights;
  for (const auto& [weight, line] : service.lines) weights.push_back(weight);
  return WeightedPick(std::move(weights));
}

WeightedPick PickOfServices(const std::vector<Service>& services) {
  std::vector<uint64_t> weights;
  for (const Service& service : services) weights.push_back(service.weight);
  return WeightedPick(std::move(weights));
}

class Generator {
 public:
  Generator(const std::vector<Service>& services, const CorpusOptions& options,
            CorpusWriter* writer)
      : services_(services),
        options_(options),
        random_(options.seed),
        writer_(*writer),
        pick_service_(PickOfServices(services)),
        nodes_(options.nodes) {
    for (const Service& service : services) AddPods(service);
  }

  CorpusSummary Run() {
    summary_.streams = pods_.size();
    const uint64_t lines = std::max<uint64_t>(1, options_.line_bytes / MeanLineBytes());
    const int64_t step = std::max<int64_t>(1, options_.span / static_cast<int64_t>(lines));
    summary_.start = options_.end - options_.span;
    int64_t time = summary_.start;
    for (uint64_t i = 0; i < lines; ++i) {
      time += random_.Between(0, 2 * step);  // nanoseconds are as irregular as real ones
      AddLine(time);
      if (i == lines / 2) summary_.trace = pods_[last_pod_].trace;
    }
    for (size_t node = 0; node < nodes_.size(); ++node) Push(node);
    summary_.end = time;
    return summary_;
  }

 private:
  void AddPods(const Service& service) {
    first_pod_.push_back(pods_.size());
    pick_line_.push_back(PickOfLines(service));
    for (uint64_t i = 0; i < service.pods; ++i) {
      Pod pod{&service, StrCat(service.name, "-"), {}, "", 0};
      random_.AppendHex(8, &pod.name);
      pod.stream.pairs = service.labels;
      pod.stream.pairs.emplace_back("app", service.name);
      pod.stream.pairs.emplace_back("pod", pod.name);
      std::sort(pod.stream.pairs.begin(), pod.stream.pairs.end());
      for (const auto& [name, value] : pod.stream.pairs) {
        StrAppend(&pod.stream.labels, pod.stream.labels.empty() ? "{" : ", ", name, "=\"", value,
                  "\"");
      }
      pod.stream.labels += "}";
      nodes_[pods_.size() % nodes_.size()].pods.push_back(pods_.size());
      pods_.push_back(std::move(pod));
    }
  }

  uint64_t MeanLineBytes() {
    uint64_t bytes = 0;
    for (size_t i = 0; i < kSampleLines; ++i) {
      const size_t service = pick_service_(&random_);
      const Service& of = services_[service];
      std::string line;
      of.lines[pick_line_[service](&random_)].second.Render({&random_, options_.end, of.name, ""},
                                                            &line);
      bytes += line.size();
    }
    return std::max<uint64_t>(1, bytes / kSampleLines);
  }

  void AddLine(int64_t time) {
    const size_t service = pick_service_(&random_);
    last_pod_ = first_pod_[service] + random_.Below(services_[service].pods);
    Pod& pod = pods_[last_pod_];
    if (pod.lines_left == 0) {
      pod.lines_left = 1 + random_.Below(kMaxLinesOfRequest);
      pod.trace.clear();
      random_.AppendHex(32, &pod.trace);
    }
    --pod.lines_left;
    const LineContext context{&random_, time, pod.name, pod.trace};
    BodyEntry entry;
    entry.time = time;
    pod.service->lines[pick_line_[service](&random_)].second.Render(context, &entry.line);
    for (const auto& [name, value] : pod.service->metadata) {
      std::string text;
      value.Render(context, &text);
      entry.metadata.emplace_back(name, std::move(text));
    }
    const size_t node = last_pod_ % nodes_.size();
    nodes_[node].bytes += entry.line.size();
    ++nodes_[node].lines;
    pod.stream.entries.push_back(std::move(entry));
    if (nodes_[node].bytes >= options_.body_bytes) Push(node);
  }

  void Push(size_t index) {
    Node& node = nodes_[index];
    if (node.lines == 0) return;
    std::vector<BodyStream> streams;
    for (const size_t pod : node.pods) {
      BodyStream& stream = pods_[pod].stream;
      if (stream.entries.empty()) continue;
      streams.push_back({stream.labels, stream.pairs, std::exchange(stream.entries, {})});
    }
    writer_.Add(
        {node.lines, static_cast<uint32_t>(node.bytes), EncodeBody(streams, options_.encoding)});
    summary_.lines += node.lines;
    summary_.line_bytes += node.bytes;
    ++summary_.bodies;
    node.bytes = 0;
    node.lines = 0;
  }

  const std::vector<Service>& services_;
  const CorpusOptions& options_;
  GeneratorRandom random_;
  CorpusWriter& writer_;
  const WeightedPick pick_service_;
  std::vector<WeightedPick> pick_line_;  // per service
  std::vector<size_t> first_pod_;        // per service
  std::vector<Pod> pods_;
  std::vector<Node> nodes_;
  size_t last_pod_ = 0;
  CorpusSummary summary_;
};

}  // namespace

StatusOr<CorpusSummary> GenerateCorpus(const std::vector<Service>& services,
                                       const CorpusOptions& options, const std::string& path) {
  ASSIGN_OR_RETURN(CorpusWriter writer, CorpusWriter::Create(path, options.encoding));
  const CorpusSummary summary = Generator(services, options, &writer).Run();
  RETURN_IF_ERROR(writer.Finish());
  return summary;
}

}  // namespace skald::bench
