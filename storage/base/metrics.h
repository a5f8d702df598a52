// Counters, gauges and histograms of the process, and their Prometheus text exposition.
//
// A component asks the registry for its handles once and keeps them; using a handle takes no lock
// and looks nothing up. Names, helps and label names are constants of the program; only label
// values may come from data, and then from a bounded set.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "storage/base/mutex.h"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
class Registry;
}  // namespace prometheus

namespace skald {

// The handles below are values that point into a registry, which must outlive them. They are made
// by it; a default-constructed one ignores what it is told. Threads: thread-safe.

// Only grows.
class Counter {
 public:
  Counter() = default;
  // REQUIRES: by >= 0.
  void Increment(double by = 1) const;
  double value() const;

 private:
  friend class MetricsRegistry;
  explicit Counter(prometheus::Counter* counter) : counter_(counter) {}
  prometheus::Counter* counter_ = nullptr;
};

class Gauge {
 public:
  Gauge() = default;
  void Set(double value) const;
  // Adds `by`, which may be negative.
  void Add(double by) const;
  double value() const;

 private:
  friend class MetricsRegistry;
  explicit Gauge(prometheus::Gauge* gauge) : gauge_(gauge) {}
  prometheus::Gauge* gauge_ = nullptr;
};

class Histogram {
 public:
  Histogram() = default;
  void Observe(double value) const;
  // Observes many values at once: how many fall under each bound and over the last one, and their
  // sum. REQUIRES: one count for each bound and one more.
  void ObserveMany(const std::vector<double>& counts, double sum) const;

 private:
  friend class MetricsRegistry;
  explicit Histogram(prometheus::Histogram* histogram) : histogram_(histogram) {}
  prometheus::Histogram* histogram_ = nullptr;
};

// Threads: thread-safe.
class MetricsRegistry {
 public:
  using Labels = std::map<std::string, std::string>;

  // `loki_namespace` stands for `loki` at the beginning of metrics' names; empty: nothing does.
  explicit MetricsRegistry(std::string loki_namespace = "loki");
  ~MetricsRegistry();

  // Each returns the metric of this name and these labels, made on the first call. REQUIRES: valid
  // names; one kind, and for histograms one list of ascending bucket bounds, per name.
  Counter GetCounter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge GetGauge(const std::string& name, const std::string& help, const Labels& labels = {});
  Histogram GetHistogram(const std::string& name, const std::string& help,
                         const std::vector<double>& bounds, const Labels& labels = {});

  // Has `refresh` called before every exposition, for gauges that are read from elsewhere. It must
  // stay callable as long as the registry lives.
  void OnExpose(std::function<void()> refresh);

  // All metrics in text format 0.0.4.
  std::string Expose() const;

 private:
  std::string Named(const std::string& name) const;

  const std::string loki_namespace_;
  std::unique_ptr<prometheus::Registry> registry_;
  mutable Mutex mutex_;
  std::vector<std::function<void()>> refreshers_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald
