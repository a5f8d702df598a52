#include "query/engine/row_search.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>

#include "query/engine/ordered_tasks.h"
#include "query/engine/unit_scanner.h"

namespace skald::query {
namespace {

constexpr size_t kFirstBatchRows = 256;

struct SearchInput {
  const storage::Selection* selection;
  TimeRange range;
  TopRows* top;
};

// One worker: searches units, one at a time.
class SearchWorker {
 public:
  SearchWorker(const SearchInput& input, std::unique_ptr<UnitScanner> scanner, MemoryBudget* memory)
      : input_(input), top_(*input.top), scanner_(std::move(scanner)), charge_(memory) {}

  Status Search(size_t unit) {
    const storage::ScanUnit& about = input_.selection->units()[unit];
    const bool forward = top_.direction() == Direction::kForward;
    if (!input_.range.Overlaps(about.min_time, about.max_time) ||
        !top_.CanEnter(forward ? about.min_time : about.max_time)) {
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const bool open, scanner_->Open(unit));
    if (!open) return absl::OkStatus();
    RETURN_IF_ERROR(scanner_->SelectRows(input_.range));
    if (scanner_->rows().empty()) return absl::OkStatus();
    RETURN_IF_ERROR(CollectKeys());
    return scanner_->pipeline().has_operators() ? OfferSurvivors() : OfferAll();
  }

  QueryStats TakeStats() { return scanner_->TakeStats(); }

 private:
  // Puts the keys of the unit's rows into keys_: of each run the first `limit` in the query's
  // direction, or all of them if operators may yet drop some, as far as they can enter.
  Status CollectKeys() {
    keys_.clear();
    ASSIGN_OR_RETURN(times_, scanner_->block()->Timestamps());
    const std::span<const uint32_t> rows = scanner_->rows();
    RETURN_IF_ERROR(ReserveKeys(rows.size()));
    auto begin = rows.begin();
    for (const storage::StreamRun& run : scanner_->block()->runs()) {
      const auto end = std::lower_bound(begin, rows.end(), run.end);
      CollectRun(run, {begin, end});
      begin = end;
    }
    return absl::OkStatus();
  }

  // Makes room for the keys of so many rows, of which few may be taken.
  Status ReserveKeys(size_t rows) {
    const bool all = scanner_->pipeline().has_operators();
    const size_t most =
        all ? rows : std::min(rows, top_.limit() * scanner_->block()->runs().size());
    if (most <= keys_.capacity()) return absl::OkStatus();
    RETURN_IF_ERROR(charge_.Add((most - keys_.capacity()) * sizeof(RowKey)));
    keys_.reserve(most);
    return absl::OkStatus();
  }

  void CollectRun(const storage::StreamRun& run, std::span<const uint32_t> rows) {
    const size_t most =
        scanner_->pipeline().has_operators() ? rows.size() : std::min(rows.size(), top_.limit());
    const bool forward = top_.direction() == Direction::kForward;
    RowKey key;
    key.stream = input_.selection->streams()[run.stream]->id;
    key.arrival = scanner_->unit().arrival;
    key.unit = static_cast<uint32_t>(scanner_->unit_index());
    for (size_t i = 0; i < most; ++i) {
      key.row = forward ? rows[i] : rows[rows.size() - 1 - i];
      key.time = times_[key.row];
      if (!top_.CanEnter(key.time)) break;
      keys_.push_back(key);
    }
  }

  Status OfferAll() {
    scanner_->CountAllMatched();
    return top_.Offer(keys_);
  }

  // Runs rows through the pipeline, the best first, until the rest cannot enter.
  Status OfferSurvivors() {
    std::sort(keys_.begin(), keys_.end(), [this](const RowKey& a, const RowKey& b) {
      return ComesBefore(a, b, top_.direction());
    });
    std::span<const RowKey> rest(keys_);
    size_t size = std::clamp<size_t>(2 * top_.limit(), kFirstBatchRows, kMaxBatchRows);
    while (!rest.empty() && top_.CanEnter(rest.front().time)) {
      ASSIGN_OR_RETURN(const size_t taken, OfferBatch(rest.first(std::min(size, rest.size()))));
      rest = rest.subspan(taken);
      size = kMaxBatchRows;
    }
    return absl::OkStatus();
  }

  // Runs the first of `keys` through the pipeline and offers the survivors; returns how many were
  // taken.
  StatusOr<size_t> OfferBatch(std::span<const RowKey> keys) {
    rows_.clear();
    for (const RowKey& key : keys) rows_.push_back(key.row);
    ASSIGN_OR_RETURN(const size_t size, scanner_->BatchSize(rows_));
    const Status offered = OfferRows(keys.first(size));
    if (offered.ok()) return size;
    if (offered.code() != kTooWide || size == 1) return offered;
    return OfferBatch(keys);  // of which fewer make a batch now
  }

  // Runs exactly these rows as one batch.
  Status OfferRows(std::span<const RowKey> keys) {
    std::vector<RowKey> batch(keys.begin(), keys.end());
    std::sort(batch.begin(), batch.end(),
              [](const RowKey& a, const RowKey& b) { return a.row < b.row; });
    rows_.clear();
    for (const RowKey& key : batch) rows_.push_back(key.row);
    RETURN_IF_ERROR(scanner_->LoadBatch(rows_, scanner_->pipeline().needs_lines(), false));
    std::vector<RowKey> survivors;
    for (const uint32_t row : scanner_->batch()->selection) survivors.push_back(batch[row]);
    return top_.Offer(survivors);
  }

  const SearchInput& input_;
  TopRows& top_;
  std::unique_ptr<UnitScanner> scanner_;
  std::span<const int64_t> times_;
  std::vector<RowKey> keys_;
  MemoryCharge charge_;  // for keys_
  std::vector<uint32_t> rows_;
};

// Units in the order in which they can matter: the newest end first, or the oldest.
std::vector<size_t> SearchOrder(const std::vector<storage::ScanUnit>& units, Direction direction) {
  std::vector<size_t> order(units.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (direction == Direction::kForward && units[a].min_time != units[b].min_time) {
      return units[a].min_time < units[b].min_time;
    }
    if (direction == Direction::kBackward && units[a].max_time != units[b].max_time) {
      return units[a].max_time > units[b].max_time;
    }
    return a < b;
  });
  return order;
}

}  // namespace

StatusOr<KeptRows> FindRows(const storage::Selection& selection, const LogExpr& log,
                            TimeRange range, size_t limit, Direction direction,
                            QueryContext* context) {
  TopRows top(limit, direction, context->budget);
  const SearchInput input{&selection, range, &top};
  PipelineOptions options = LogOptions(*context);
  options.selects_rows = true;
  const std::vector<size_t> order = SearchOrder(selection.units(), direction);
  const size_t count = WorkerCount(context->pool, order.size());
  std::vector<std::unique_ptr<SearchWorker>> workers;
  for (size_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(std::unique_ptr<UnitScanner> scanner,
                     UnitScanner::Create(selection, log, options, context->budget, context->stop));
    workers.push_back(std::make_unique<SearchWorker>(input, std::move(scanner), context->budget));
  }
  OrderedTasks tasks;
  tasks.count = order.size();
  tasks.run = [&](size_t worker, size_t task) -> StatusOr<std::unique_ptr<TaskResult>> {
    RETURN_IF_ERROR(workers[worker]->Search(order[task]));
    return nullptr;
  };
  Status status = RunOrdered(context->pool, count, std::move(tasks));
  for (const auto& worker : workers) context->stats.Add(worker->TakeStats());
  RETURN_IF_ERROR(status);
  return top.TakeSorted();
}

}  // namespace skald::query
