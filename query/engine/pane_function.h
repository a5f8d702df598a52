// Range functions over panes: one small state per series and pane, windows by a two-stack queue.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "query/engine/range_function.h"
#include "storage/base/arena.h"

namespace skald::query {

// Calls emit(step, state) for every window, its panes merged in order. `pane_at(p)` gives pane p's
// state, by reference or value. Each pane is merged a constant number of times, however much the
// windows overlap: `suffixes_` has the merged tails of the panes [front_, back_begin_), `back_`
// what came after them.
template <typename State>
class WindowQueue {
 public:
  template <typename PaneAt, typename Emit>
  void Slide(const Windows& windows, size_t first_step, size_t last_step, PaneAt&& pane_at,
             Emit&& emit) {
    front_ = back_begin_ = back_end_ = 0;
    for (size_t step = first_step; step < last_step; ++step) {
      const Windows::PaneRange window = windows.window(step);
      if (window.begin >= window.end) continue;
      if (window.begin >= back_begin_) {
        TurnOver(window, pane_at);
      } else {
        for (; back_end_ < window.end; ++back_end_) back_.Merge(pane_at(back_end_));
      }
      State state = suffixes_[window.begin - front_];
      state.Merge(back_);
      emit(step, state);
    }
  }

 private:
  // Makes all panes of the window the front.
  template <typename PaneAt>
  void TurnOver(const Windows::PaneRange& window, PaneAt&& pane_at) {
    front_ = window.begin;
    back_begin_ = back_end_ = window.end;
    back_ = State();
    suffixes_.resize(window.end - window.begin);
    State tail;
    for (uint32_t pane = window.end; pane-- > window.begin;) {
      State merged = pane_at(pane);
      merged.Merge(tail);
      suffixes_[pane - front_] = tail = merged;
    }
  }

  std::vector<State> suffixes_;
  State back_;
  uint32_t front_ = 0;
  uint32_t back_begin_ = 0;
  uint32_t back_end_ = 0;
};

// A unit's states, one per series and pane that it touches.
template <typename State>
class UnitPanes : public UnitSamples {
 public:
  struct Entry {
    uint32_t series;
    uint32_t pane;
    State state;
  };

  explicit UnitPanes(uint64_t arrival) : arrival_(arrival) {}

  void Add(const SampleColumns& samples) override {
    for (size_t i = 0; i < samples.series.size(); ++i) {
      At(samples.series[i], samples.panes[i])->Add(samples.times[i], samples.values[i], arrival_);
    }
  }

  void AddCount(uint32_t series, uint32_t pane, uint64_t rows, uint64_t total) override {
    if constexpr (requires(State s) { s.total; }) {
      State state;
      state.rows = rows;
      state.total = total;
      At(series, pane)->Merge(state);
    }
  }

  const std::vector<Entry>& entries() const { return entries_; }

 private:
  State* At(uint32_t series, uint32_t pane) {
    if (series >= last_entry_.size()) last_entry_.resize(series + 1, kNone);
    uint32_t& last = last_entry_[series];
    if (last == kNone || entries_[last].pane != pane) {
      last = static_cast<uint32_t>(entries_.size());
      entries_.push_back({series, pane, State()});
    }
    return &entries_[last].state;
  }

  static constexpr uint32_t kNone = UINT32_MAX;
  const uint64_t arrival_;
  std::vector<Entry> entries_;
  std::vector<uint32_t> last_entry_;  // by series
};

// The states of one series, in chunks that exist once something falls into them.
template <typename State>
class SeriesPanes {
 public:
  static constexpr uint32_t kChunk = 64;

  // The state of a pane, for writing.
  StatusOr<State*> At(uint32_t pane, uint32_t panes, Arena* arena, MemoryCharge* charge) {
    if (chunks_.empty()) {
      chunks_.resize((panes + kChunk - 1) / kChunk);
      RETURN_IF_ERROR(charge->Add(chunks_.size() * sizeof(State*) + sizeof(*this)));
      first_ = last_ = pane;
    }
    first_ = std::min(first_, pane);
    last_ = std::max(last_, pane);
    State*& chunk = chunks_[pane / kChunk];
    if (chunk == nullptr) {
      const uint32_t size = std::min(kChunk, panes - pane / kChunk * kChunk);
      RETURN_IF_ERROR(charge->Add(size * sizeof(State)));
      const std::span<State> states = arena->NewArray<State>(size);
      std::uninitialized_default_construct(states.begin(), states.end());
      chunk = states.data();
    }
    return &chunk[pane % kChunk];
  }

  State operator[](uint32_t pane) const {
    const State* chunk = chunks_[pane / kChunk];
    return chunk == nullptr ? State() : chunk[pane % kChunk];
  }
  bool empty() const { return chunks_.empty(); }
  uint32_t first() const { return first_; }
  uint32_t last() const { return last_; }

 private:
  std::vector<State*> chunks_;
  uint32_t first_ = 0;  // panes outside [first_, last_] are empty
  uint32_t last_ = 0;
};

template <typename State>
class PaneFunction : public RangeFunction {
 public:
  PaneFunction(const Windows& windows, double seconds, MemoryCharge* charge)
      : windows_(windows), seconds_(seconds), charge_(charge) {}

  std::unique_ptr<UnitSamples> NewUnit(uint64_t arrival) const override {
    return std::make_unique<UnitPanes<State>>(arrival);
  }

  Status Merge(const UnitSamples& unit) override {
    for (const auto& entry : static_cast<const UnitPanes<State>&>(unit).entries()) {
      if (entry.series >= series_.size()) series_.resize(entry.series + 1);
      ASSIGN_OR_RETURN(State* const state,
                       series_[entry.series].At(entry.pane, windows_.panes(), &arena_, charge_));
      state->Merge(entry.state);
    }
    return absl::OkStatus();
  }

  Status Evaluate(uint32_t series, StopPacer* pacer, StepValues* out) override {
    if (series >= series_.size() || series_[series].empty()) return absl::OkStatus();
    const SeriesPanes<State>& panes = series_[series];
    const auto [first, last] = StepsWith(panes.first(), panes.last());
    queue_.Slide(
        windows_, first, last, [&](uint32_t pane) { return panes[pane]; },
        [&](size_t step, const State& state) {
          if (state.rows > 0) out->Set(step, state.Value(seconds_));
        });
    return pacer->Spend((last - first) * sizeof(State));
  }

 private:
  // The steps [first, last) whose windows overlap the panes [first_pane, last_pane].
  std::pair<size_t, size_t> StepsWith(uint32_t first_pane, uint32_t last_pane) const {
    size_t first = 0;
    size_t last = windows_.steps();
    while (first < last && windows_.window(first).end <= first_pane) ++first;
    while (last > first && windows_.window(last - 1).begin > last_pane) --last;
    return {first, last};
  }

  const Windows& windows_;
  const double seconds_;
  MemoryCharge* const charge_;
  Arena arena_;
  std::vector<SeriesPanes<State>> series_;
  WindowQueue<State> queue_;
};

}  // namespace skald::query
