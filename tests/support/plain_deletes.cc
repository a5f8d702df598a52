#include "tests/support/plain_deletes.h"

#include <string>
#include <utility>
#include <vector>

namespace skald::test_support {
namespace {

std::pair<std::string, std::string> SplitQuery(std::string_view query) {
  const size_t space = std::min(query.find(' '), query.size());
  return {std::string(query.substr(0, space)),
          std::string(query.substr(std::min(space + 1, query.size())))};
}

class PlainPredicate : public storage::DeletePredicate {
 public:
  explicit PlainPredicate(std::string_view query) {
    auto [app, word] = SplitQuery(query);
    matchers_.push_back(*Matcher::Create("app", MatchOp::kEqual, app));
    word_ = std::move(word);
  }

  const std::vector<Matcher>& matchers() const override { return matchers_; }

  Status FindRows(const storage::Selection& selection, TimeRange range, const StopToken* stop,
                  absl::FunctionRef<void(size_t, const RowSet&)> sink) const override {
    for (size_t unit = 0; unit < selection.units().size(); ++unit) {
      ASSIGN_OR_RETURN(const auto block, selection.Open(unit, stop));
      RowSet rows;
      RETURN_IF_ERROR(block->SelectRows(range, &rows));
      RETURN_IF_ERROR(KeepMeant(block.get(), &rows));
      if (!rows.empty()) sink(unit, rows);
    }
    return absl::OkStatus();
  }

 private:
  Status KeepMeant(storage::Block* block, RowSet* rows) const {
    if (word_.empty()) return absl::OkStatus();
    std::vector<uint32_t> selected;
    rows->ForEach([&](uint32_t row) { selected.push_back(row); });
    std::vector<std::string_view> lines(selected.size());
    ASSIGN_OR_RETURN(storage::LineColumn * column, block->Lines());
    RETURN_IF_ERROR(column->Materialise(selected, std::span(lines)));
    for (size_t i = 0; i < selected.size(); ++i) {
      if (lines[i].find(word_) == std::string_view::npos) rows->Remove(selected[i]);
    }
    return absl::OkStatus();
  }

  std::vector<Matcher> matchers_;
  std::string word_;
};

}  // namespace

StatusOr<std::shared_ptr<const storage::DeletePredicate>> PlainDeleteCompiler::Compile(
    std::string_view query) {
  if (query.empty()) return InvalidArgument("an empty query");
  return std::make_shared<const PlainPredicate>(query);
}

bool PlainDeleteMeans(std::string_view query, const PlainRow& row) {
  const auto [app, word] = SplitQuery(query);
  return Labels(row.labels).Get("app") == app && row.line.find(word) != std::string::npos;
}

}  // namespace skald::test_support
