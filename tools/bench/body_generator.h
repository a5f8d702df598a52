// Makes push bodies as agents do: the lines of all services, gathered by the nodes that their pods
// run on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/bench/corpus_file.h"
#include "tools/bench/generator_random.h"
#include "tools/bench/push_body.h"
#include "tools/bench/service.h"

namespace skald::bench {

struct BodyOptions {
  uint64_t seed = 1;
  BodyEncoding encoding = BodyEncoding::kProtobufSnappy;
  uint64_t body_bytes = 1'000'000;  // of lines in a body, about
  uint64_t nodes = 8;
};

// Picks an index in proportion to weights. Threads: immutable.
class WeightedPick {
 public:
  explicit WeightedPick(std::vector<uint64_t> weights);
  size_t operator()(GeneratorRandom* random) const;

 private:
  std::vector<uint64_t> sums_;
};

// Threads: externally synchronised. Keeps a reference to `services`.
class BodyGenerator {
 public:
  BodyGenerator(const std::vector<Service>& services, const BodyOptions& options);

  uint64_t streams() const { return pods_.size(); }
  // The trace that the line before has.
  const std::string& last_trace() const { return pods_[last_pod_].trace; }
  // Source of chance; what is taken from it changes the lines that come.
  GeneratorRandom& random() { return random_; }
  // How long a line is on average, of a sample with times about `time` (ns).
  uint64_t MeanLineBytes(int64_t time);

  // Makes a line of `time` (ns). Returns its node's body if that is full now.
  std::optional<CorpusBody> AddLine(int64_t time);
  // What the nodes have gathered and not pushed yet.
  std::vector<CorpusBody> Finish();

 private:
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

  void AddPods(const Service& service);
  BodyEntry MakeEntry(size_t service, int64_t time, Pod* pod);
  CorpusBody TakeBody(Node* node);

  const std::vector<Service>& services_;
  const BodyOptions options_;
  GeneratorRandom random_;
  const WeightedPick pick_service_;
  std::vector<WeightedPick> pick_line_;  // per service
  std::vector<size_t> first_pod_;        // per service
  std::vector<Pod> pods_;
  std::vector<Node> nodes_;
  size_t last_pod_ = 0;
};

}  // namespace skald::bench
