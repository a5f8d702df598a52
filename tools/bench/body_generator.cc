#include "tools/bench/body_generator.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "storage/base/strings.h"

namespace skald::bench {
namespace {

// Lines in a row that a request makes, at most.
constexpr uint64_t kMaxLinesOfRequest = 6;
constexpr size_t kSampleLines = 4000;

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

}  // namespace

WeightedPick::WeightedPick(std::vector<uint64_t> weights) : sums_(std::move(weights)) {
  std::partial_sum(sums_.begin(), sums_.end(), sums_.begin());
}

size_t WeightedPick::operator()(GeneratorRandom* random) const {
  const uint64_t at = random->Below(sums_.back());
  return static_cast<size_t>(std::upper_bound(sums_.begin(), sums_.end(), at) - sums_.begin());
}

BodyGenerator::BodyGenerator(const std::vector<Service>& services, const BodyOptions& options)
    : services_(services),
      options_(options),
      random_(options.seed),
      pick_service_(PickOfServices(services)),
      nodes_(options.nodes) {
  for (const Service& service : services) AddPods(service);
}

void BodyGenerator::AddPods(const Service& service) {
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

uint64_t BodyGenerator::MeanLineBytes(int64_t time) {
  uint64_t bytes = 0;
  for (size_t i = 0; i < kSampleLines; ++i) {
    const size_t service = pick_service_(&random_);
    const Service& of = services_[service];
    std::string line;
    of.lines[pick_line_[service](&random_)].second.Render({&random_, time, of.name, ""}, &line);
    bytes += line.size();
  }
  return std::max<uint64_t>(1, bytes / kSampleLines);
}

std::optional<CorpusBody> BodyGenerator::AddLine(int64_t time) {
  const size_t service = pick_service_(&random_);
  last_pod_ = first_pod_[service] + random_.Below(services_[service].pods);
  Pod& pod = pods_[last_pod_];
  if (pod.lines_left == 0) {
    pod.lines_left = 1 + random_.Below(kMaxLinesOfRequest);
    pod.trace.clear();
    random_.AppendHex(32, &pod.trace);
  }
  --pod.lines_left;
  BodyEntry entry = MakeEntry(service, time, &pod);
  Node& node = nodes_[last_pod_ % nodes_.size()];
  node.bytes += entry.line.size();
  ++node.lines;
  pod.stream.entries.push_back(std::move(entry));
  if (node.bytes < options_.body_bytes) return std::nullopt;
  return TakeBody(&node);
}

BodyEntry BodyGenerator::MakeEntry(size_t service, int64_t time, Pod* pod) {
  const LineContext context{&random_, time, pod->name, pod->trace};
  BodyEntry entry;
  entry.time = time;
  pod->service->lines[pick_line_[service](&random_)].second.Render(context, &entry.line);
  for (const auto& [name, value] : pod->service->metadata) {
    std::string text;
    value.Render(context, &text);
    entry.metadata.emplace_back(name, std::move(text));
  }
  return entry;
}

CorpusBody BodyGenerator::TakeBody(Node* node) {
  std::vector<BodyStream> streams;
  for (const size_t pod : node->pods) {
    BodyStream& stream = pods_[pod].stream;
    if (stream.entries.empty()) continue;
    streams.push_back({stream.labels, stream.pairs, std::exchange(stream.entries, {})});
  }
  return {std::exchange(node->lines, 0), static_cast<uint32_t>(std::exchange(node->bytes, 0)),
          EncodeBody(streams, options_.encoding)};
}

std::vector<CorpusBody> BodyGenerator::Finish() {
  std::vector<CorpusBody> bodies;
  for (Node& node : nodes_) {
    if (node.lines > 0) bodies.push_back(TakeBody(&node));
  }
  return bodies;
}

}  // namespace skald::bench
