#include "tests/logql/stores.h"

#include <algorithm>
#include <span>
#include <utility>

#include "query/syntax/parser.h"
#include "storage/base/units.h"

namespace skald::logql_test {
namespace {

using test_support::PlainRow;

constexpr char kTenant[] = "tenant";
// Parts that are merged into one.
constexpr size_t kPieces = 6;

}  // namespace

std::string_view NameOf(Layout layout) {
  switch (layout) {
    case Layout::kMemtable:
      return "memtable";
    case Layout::kParts:
      return "parts";
    case Layout::kSplit:
      return "parts and memtable";
    case Layout::kCompacted:
      return "merged parts";
    case Layout::kOddLines:
      return "oddly encoded parts";
  }
  return "";
}

StatusOr<std::unique_ptr<Store>> Store::Create(Layout layout, const std::vector<PlainRow>& rows) {
  auto store = std::unique_ptr<Store>(new Store());
  storage::EngineOptions options;
  options.files = &store->files_;
  options.directory = "/data";
  options.clock = &store->clock_;
  options.decoder = &store->decoder_;
  options.compact_in_background = false;
  ASSIGN_OR_RETURN(store->engine_, storage::Engine::Open(options));
  storage::Reader* reader = store->engine_->reader();
  if (layout == Layout::kOddLines) {
    store->odd_reader_ = std::make_unique<test_support::OddReader>(reader);
    reader = store->odd_reader_.get();
  }
  store->queries_ = std::make_unique<query::QueryEngine>(reader, nullptr, Clock::Real());
  RETURN_IF_ERROR(store->Fill(layout, rows));
  return store;
}

Status Store::PushPart(const std::vector<PlainRow>& rows, size_t begin, size_t end) {
  const auto first = rows.begin();
  const std::vector<PlainRow> part(first + static_cast<std::ptrdiff_t>(begin),
                                   first + static_cast<std::ptrdiff_t>(end));
  RETURN_IF_ERROR(test_support::Push(engine_.get(), kTenant, part, /*durable=*/false));
  return engine_->Flush();
}

Status Store::FillAndMerge(const std::vector<PlainRow>& rows) {
  const size_t size = rows.size() / kPieces + 1;
  for (size_t begin = 0; begin < rows.size(); begin += size) {
    const bool overlap = begin / size % 2 == 1;
    RETURN_IF_ERROR(
        PushPart(rows, overlap ? begin - size : begin, std::min(rows.size(), begin + size)));
  }
  RETURN_IF_ERROR(engine_->Compact());
  const bool enough = rows.size() >= kPieces * kPieces;
  return !enough || engine_->Stats().compactions > 0 ? absl::OkStatus()
                                                     : Internal("nothing was merged");
}

Status Store::Fill(Layout layout, const std::vector<PlainRow>& rows) {
  if (rows.empty()) return absl::OkStatus();
  if (layout == Layout::kCompacted) return FillAndMerge(rows);
  if (layout == Layout::kSplit && rows.size() > 1) {
    RETURN_IF_ERROR(PushPart(rows, 0, rows.size() / 2));
  }
  RETURN_IF_ERROR(test_support::Push(engine_.get(), kTenant, rows, /*durable=*/false));
  const bool flush = layout == Layout::kParts || layout == Layout::kOddLines;
  return flush ? engine_->Flush() : absl::OkStatus();
}

StatusOr<query::QueryResult> Store::Run(std::string_view text, query::QueryParams params) {
  ASSIGN_OR_RETURN(const query::Query query, query::ParseQuery(text));
  params.tenant = kTenant;
  params.memory = &budget_;
  return queries_->Run(query, params);
}

void Stores::Add(const std::vector<PlainRow>& rows) {
  rows_.insert(rows_.end(), rows.begin(), rows.end());
  for (auto& store : stores_) store.reset();
}

void Stores::Clear() {
  rows_.clear();
  for (auto& store : stores_) store.reset();
}

StatusOr<Store*> Stores::Get(Layout layout) {
  std::unique_ptr<Store>& store = stores_[static_cast<size_t>(layout)];
  if (store == nullptr) {
    ASSIGN_OR_RETURN(store, Store::Create(layout, rows_));
  }
  return store.get();
}

}  // namespace skald::logql_test
