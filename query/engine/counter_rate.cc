#include "query/engine/counter_rate.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

namespace skald::query {
namespace {

struct TimedValue {
  int64_t time;
  uint64_t arrival;
  double value;
};

class CounterRate {
 public:
  explicit CounterRate(double range_seconds) : range_(range_seconds) {}

  // The value of a window's samples, which are ordered by (time, arrival).
  double Value(std::span<const TimedValue> samples) const {
    if (samples.size() < 2) return 0;
    const double increase = Increase(samples);
    const double first = samples.front().value;
    const double sampled = static_cast<double>(samples.back().time - samples.front().time) / 1000;
    const double average = sampled / static_cast<double>(samples.size() - 1);
    double to_start = range_;
    if (increase > 0 && first >= 0) to_start = std::min(to_start, sampled * (first / increase));
    double extent = sampled;
    extent += to_start < average * 1.1 ? to_start : average / 2;
    extent += 0 < average * 1.1 ? 0 : average / 2;  // nothing is missing at the window's end
    return increase * (extent / sampled) / range_;
  }

 private:
  // The last value less the first, plus what was lost at every reset.
  static double Increase(std::span<const TimedValue> samples) {
    double lost = 0;
    double previous = 0;
    for (const TimedValue& sample : samples) {
      if (sample.value < previous) lost += previous;
      previous = sample.value;
    }
    return samples.back().value - samples.front().value + lost;
  }

  const double range_;
};

class UnitValues : public UnitSamples {
 public:
  explicit UnitValues(uint64_t arrival) : arrival_(arrival) {}

  void Add(const SampleColumns& samples) override {
    for (size_t i = 0; i < samples.series.size(); ++i) {
      entries.push_back({samples.series[i], {samples.times[i], arrival_, samples.values[i]}});
    }
  }
  void AddCount(uint32_t, uint32_t, uint64_t, uint64_t) override {}

  std::vector<std::pair<uint32_t, TimedValue>> entries;  // series and sample

 private:
  const uint64_t arrival_;
};

class CounterRateFunction : public RangeFunction {
 public:
  CounterRateFunction(double range_seconds, const Windows& windows, MemoryCharge* charge)
      : rate_(range_seconds), windows_(windows), charge_(charge) {}

  std::unique_ptr<UnitSamples> NewUnit(uint64_t arrival) const override {
    return std::make_unique<UnitValues>(arrival);
  }

  Status Merge(const UnitSamples& unit) override {
    const auto& entries = static_cast<const UnitValues&>(unit).entries;
    // Twice: vectors grow by doubling.
    RETURN_IF_ERROR(charge_->Add(2 * entries.size() * sizeof(TimedValue)));
    for (const auto& [series, sample] : entries) {
      if (series >= series_.size()) series_.resize(series + 1);
      series_[series].push_back(sample);
    }
    return absl::OkStatus();
  }

  Status Evaluate(uint32_t series, StopPacer* pacer, StepValues* out) override {
    if (series >= series_.size()) return absl::OkStatus();
    std::vector<TimedValue>& samples = series_[series];
    std::stable_sort(samples.begin(), samples.end(), [](const TimedValue& a, const TimedValue& b) {
      return a.time != b.time ? a.time < b.time : a.arrival < b.arrival;
    });
    const auto after = [&](int64_t edge) {
      return std::upper_bound(samples.begin(), samples.end(), edge,
                              [](int64_t t, const TimedValue& s) { return t < s.time; });
    };
    for (size_t step = 0; step < windows_.steps(); ++step) {
      const Windows::PaneRange window = windows_.window(step);
      const auto begin = after(windows_.edges()[window.begin]);
      const auto end = after(windows_.edges()[window.end]);
      if (begin >= end) continue;
      const std::span<const TimedValue> inside(begin, end);
      out->Set(step, rate_.Value(inside));
      RETURN_IF_ERROR(pacer->Spend(inside.size_bytes()));
    }
    return absl::OkStatus();
  }

 private:
  const CounterRate rate_;
  const Windows& windows_;
  MemoryCharge* const charge_;
  std::vector<std::vector<TimedValue>> series_;
};

}  // namespace

std::unique_ptr<RangeFunction> NewCounterRate(double range_seconds, const Windows& windows,
                                              MemoryCharge* charge) {
  return std::make_unique<CounterRateFunction>(range_seconds, windows, charge);
}

}  // namespace skald::query
