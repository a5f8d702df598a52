#include "query/engine/quantile.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace skald::query {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct PaneValue {
  uint32_t pane;
  double value;
};

bool PaneLess(const PaneValue& a, const PaneValue& b) { return a.pane < b.pane; }

bool ValueLess(double a, double b) {
  if (std::isnan(a)) return !std::isnan(b);
  return a < b;
}

// The quantile of at least one value, which end up in another order.
double QuantileOf(double quantile, std::vector<double>* values) {
  if (std::isnan(quantile)) return quantile;
  if (quantile < 0) return -kInfinity;
  if (quantile > 1) return kInfinity;
  const double rank = quantile * static_cast<double>(values->size() - 1);
  const double weight = rank - std::floor(rank);
  const auto at = values->begin() + static_cast<std::ptrdiff_t>(std::floor(rank));
  std::nth_element(values->begin(), at, values->end(), ValueLess);
  // Without a rest the upper neighbour still counts, as `0 * upper` does where that is infinite.
  const double upper =
      at + 1 == values->end() ? *at : *std::min_element(at + 1, values->end(), ValueLess);
  return *at * (1 - weight) + upper * weight;
}

class UnitValues : public UnitSamples {
 public:
  void Add(const SampleColumns& samples) override {
    for (size_t i = 0; i < samples.series.size(); ++i) {
      entries.push_back({samples.series[i], {samples.panes[i], samples.values[i]}});
    }
  }
  void AddCount(uint32_t, uint32_t, uint64_t, uint64_t) override {}

  std::vector<std::pair<uint32_t, PaneValue>> entries;  // series and value
};

class QuantileFunction : public RangeFunction {
 public:
  QuantileFunction(double quantile, const Windows& windows, MemoryCharge* charge)
      : quantile_(quantile), windows_(windows), charge_(charge) {}

  std::unique_ptr<UnitSamples> NewUnit(uint64_t) const override {
    return std::make_unique<UnitValues>();
  }

  Status Merge(const UnitSamples& unit) override {
    const auto& entries = static_cast<const UnitValues&>(unit).entries;
    // Twice, for vectors grow by doubling, and once more to sort them.
    RETURN_IF_ERROR(charge_->Add(3 * entries.size() * sizeof(PaneValue)));
    for (const auto& [series, value] : entries) {
      if (series >= series_.size()) series_.resize(series + 1);
      series_[series].push_back(value);
    }
    return absl::OkStatus();
  }

  Status Evaluate(uint32_t series, StopPacer* pacer, StepValues* out) override {
    if (series >= series_.size() || series_[series].empty()) return absl::OkStatus();
    std::vector<PaneValue>& values = series_[series];
    SortByPane(&values);
    const auto first_of = [&](uint32_t pane) {
      return std::lower_bound(values.begin(), values.end(), PaneValue{pane, 0}, PaneLess);
    };
    for (size_t step = 0; step < windows_.steps(); ++step) {
      const Windows::PaneRange window = windows_.window(step);
      if (window.begin >= window.end) continue;
      const auto end = first_of(window.end);
      window_.clear();
      for (auto at = first_of(window.begin); at != end; ++at) window_.push_back(at->value);
      if (!window_.empty()) out->Set(step, QuantileOf(quantile_, &window_));
      RETURN_IF_ERROR(pacer->Spend((window_.size() + 1) * sizeof(PaneValue)));
    }
    return absl::OkStatus();
  }

 private:
  // Streams come one after the other, each over all panes: counting orders them in two passes.
  void SortByPane(std::vector<PaneValue>* values) {
    if (std::is_sorted(values->begin(), values->end(), PaneLess)) return;
    const auto [first, last] = std::minmax_element(values->begin(), values->end(), PaneLess);
    const uint32_t base = first->pane;
    const size_t panes = last->pane - base + size_t{1};
    if (panes > values->size()) {
      std::sort(values->begin(), values->end(), PaneLess);
      return;
    }
    places_.assign(panes + 1, 0);
    for (const PaneValue& value : *values) ++places_[value.pane - base + 1];
    for (size_t pane = 1; pane < panes; ++pane) places_[pane] += places_[pane - 1];
    sorted_.resize(values->size());
    for (const PaneValue& value : *values) sorted_[places_[value.pane - base]++] = value;
    values->swap(sorted_);
  }

  const double quantile_;
  const Windows& windows_;
  MemoryCharge* const charge_;
  std::vector<std::vector<PaneValue>> series_;
  // Scratch.
  std::vector<double> window_;
  std::vector<size_t> places_;  // of the next value of each pane
  std::vector<PaneValue> sorted_;
};

}  // namespace

std::unique_ptr<RangeFunction> NewQuantile(double quantile, const Windows& windows,
                                           MemoryCharge* charge) {
  return std::make_unique<QuantileFunction>(quantile, windows, charge);
}

}  // namespace skald::query
