#include "storage/base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <exception>
#include <string_view>
#include <utility>

#include "storage/base/check.h"
#include "storage/base/strings.h"

namespace skald {
namespace {

// Makes or finds a metric. The library throws for a wrong name or a name of another kind, which is
// a mistake in the program.
template <typename Builder, typename... Args>
auto* Find(Builder builder, prometheus::Registry* registry, const std::string& name,
           const std::string& help, const Args&... args) {
  try {
    return &builder.Name(name).Help(help).Register(*registry).Add(args...);
  } catch (const std::exception& error) {
    CheckFailed(error.what(), name.c_str(), 0);
  }
}

}  // namespace

void Counter::Increment(double by) const {
  if (counter_ != nullptr) counter_->Increment(by);
}
double Counter::value() const { return counter_ == nullptr ? 0 : counter_->Value(); }

void Gauge::Set(double value) const {
  if (gauge_ != nullptr) gauge_->Set(value);
}
void Gauge::Add(double by) const {
  if (gauge_ != nullptr) gauge_->Increment(by);
}
double Gauge::value() const { return gauge_ == nullptr ? 0 : gauge_->Value(); }

void Histogram::Observe(double value) const {
  if (histogram_ != nullptr) histogram_->Observe(value);
}

void Histogram::ObserveMany(const std::vector<double>& counts, double sum) const {
  if (histogram_ != nullptr) histogram_->ObserveMultiple(counts, sum);
}

MetricsRegistry::MetricsRegistry(std::string loki_namespace)
    : loki_namespace_(std::move(loki_namespace)),
      registry_(std::make_unique<prometheus::Registry>()) {}
MetricsRegistry::~MetricsRegistry() = default;

std::string MetricsRegistry::Named(const std::string& name) const {
  constexpr std::string_view kPrefix = "loki_";
  if (!std::string_view(name).starts_with(kPrefix)) return name;
  const std::string rest = name.substr(kPrefix.size());
  return loki_namespace_.empty() ? rest : StrCat(loki_namespace_, "_", rest);
}

Counter MetricsRegistry::GetCounter(const std::string& name, const std::string& help,
                                    const Labels& labels) {
  return Counter(Find(prometheus::BuildCounter(), registry_.get(), Named(name), help, labels));
}

Gauge MetricsRegistry::GetGauge(const std::string& name, const std::string& help,
                                const Labels& labels) {
  return Gauge(Find(prometheus::BuildGauge(), registry_.get(), Named(name), help, labels));
}

Histogram MetricsRegistry::GetHistogram(const std::string& name, const std::string& help,
                                        const std::vector<double>& bounds, const Labels& labels) {
  return Histogram(
      Find(prometheus::BuildHistogram(), registry_.get(), Named(name), help, labels, bounds));
}

void MetricsRegistry::OnExpose(std::function<void()> refresh) {
  MutexLock lock(&mutex_);
  refreshers_.push_back(std::move(refresh));
}

std::string MetricsRegistry::Expose() const {
  std::vector<std::function<void()>> refreshers;
  {
    MutexLock lock(&mutex_);
    refreshers = refreshers_;
  }
  for (const auto& refresh : refreshers) refresh();
  return prometheus::TextSerializer().Serialize(registry_->Collect());
}

}  // namespace skald
