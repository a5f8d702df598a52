#include "query/engine/sample_function.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace skald::query {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool ValueLess(double a, double b) {
  if (std::isnan(a)) return !std::isnan(b);
  return a < b;
}

class Quantile : public WindowFunction {
 public:
  explicit Quantile(double quantile) : quantile_(quantile) {}

  double Value(std::span<const TimedValue> samples) override {
    if (std::isnan(quantile_)) return quantile_;
    if (quantile_ < 0) return -kInfinity;
    if (quantile_ > 1) return kInfinity;
    values_.clear();
    for (const TimedValue& sample : samples) values_.push_back(sample.value);
    const double rank = quantile_ * static_cast<double>(values_.size() - 1);
    const auto lower = static_cast<size_t>(std::floor(rank));
    const double weight = rank - std::floor(rank);
    const auto at = values_.begin() + static_cast<std::ptrdiff_t>(lower);
    std::nth_element(values_.begin(), at, values_.end(), ValueLess);
    // Without a rest the upper neighbour still counts, as `0 * upper` does where that is infinite.
    const double upper =
        at + 1 == values_.end() ? *at : *std::min_element(at + 1, values_.end(), ValueLess);
    return *at * (1 - weight) + upper * weight;
  }

 private:
  const double quantile_;
  std::vector<double> values_;
};

class CounterRate : public WindowFunction {
 public:
  explicit CounterRate(double range_seconds) : range_(range_seconds) {}

  double Value(std::span<const TimedValue> samples) override {
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

class SampleFunction : public RangeFunction {
 public:
  SampleFunction(std::unique_ptr<WindowFunction> function, const Windows& windows,
                 MemoryCharge* charge)
      : function_(std::move(function)), windows_(windows), charge_(charge) {}

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

  void Evaluate(uint32_t series, StepValues* out) override {
    if (series >= series_.size()) return;
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
      if (begin < end) out->Set(step, function_->Value({begin, end}));
    }
  }

 private:
  const std::unique_ptr<WindowFunction> function_;
  const Windows& windows_;
  MemoryCharge* const charge_;
  std::vector<std::vector<TimedValue>> series_;
};

}  // namespace

std::unique_ptr<WindowFunction> NewQuantile(double quantile) {
  return std::make_unique<Quantile>(quantile);
}

std::unique_ptr<WindowFunction> NewCounterRate(double range_seconds) {
  return std::make_unique<CounterRate>(range_seconds);
}

std::unique_ptr<RangeFunction> NewSampleFunction(std::unique_ptr<WindowFunction> function,
                                                 const Windows& windows, MemoryCharge* charge) {
  return std::make_unique<SampleFunction>(std::move(function), windows, charge);
}

}  // namespace skald::query
