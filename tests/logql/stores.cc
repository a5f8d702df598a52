#include "tests/logql/stores.h"

#include <span>
#include <utility>

#include "query/syntax/parser.h"
#include "storage/base/units.h"

namespace skald::logql_test {
namespace {

using test_support::PlainRow;

constexpr char kTenant[] = "tenant";

}  // namespace

std::string_view NameOf(Layout layout) {
  switch (layout) {
    case Layout::kMemtable:
      return "memtable";
    case Layout::kParts:
      return "parts";
    case Layout::kSplit:
      return "parts and memtable";
  }
  return "";
}

StatusOr<std::unique_ptr<Store>> Store::Create(Layout layout, const std::vector<PlainRow>& rows) {
  auto store = std::unique_ptr<Store>(new Store());
  storage::EngineOptions options;
  options.files = &store->files_;
  options.directory = "/data";
  options.decoder = &store->decoder_;
  ASSIGN_OR_RETURN(store->engine_, storage::Engine::Open(options));
  store->queries_ = std::make_unique<query::QueryEngine>(store->engine_->reader(), nullptr,
                                                         &store->budget_, Clock::Real());
  RETURN_IF_ERROR(store->Fill(layout, rows));
  return store;
}

Status Store::Fill(Layout layout, const std::vector<PlainRow>& rows) {
  if (rows.empty()) return absl::OkStatus();
  if (layout == Layout::kSplit && rows.size() > 1) {
    const std::vector<PlainRow> half(rows.begin(),
                                     rows.begin() + static_cast<std::ptrdiff_t>(rows.size() / 2));
    RETURN_IF_ERROR(test_support::Push(engine_.get(), kTenant, half, /*durable=*/false));
    RETURN_IF_ERROR(engine_->Flush());
  }
  RETURN_IF_ERROR(test_support::Push(engine_.get(), kTenant, rows, /*durable=*/false));
  return layout == Layout::kParts ? engine_->Flush() : absl::OkStatus();
}

StatusOr<query::QueryResult> Store::Run(std::string_view text, query::QueryParams params) {
  ASSIGN_OR_RETURN(const query::Query query, query::ParseQuery(text));
  params.tenant = kTenant;
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
