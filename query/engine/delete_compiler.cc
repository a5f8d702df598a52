#include "query/engine/delete_compiler.h"

#include <span>
#include <utility>
#include <vector>

#include "query/engine/unit_scanner.h"
#include "query/syntax/parser.h"
#include "storage/base/memory_charge.h"

namespace skald::query {
namespace {

// Adds those of the open unit's rows that the pipeline keeps.
Status AddKept(UnitScanner* scanner, RowSet* kept) {
  const bool with_lines = scanner->pipeline().needs_lines();
  for (std::span<const uint32_t> left = scanner->rows(); !left.empty();) {
    ASSIGN_OR_RETURN(const size_t size,
                     scanner->LoadFitting(left, with_lines, /*all_metadata=*/false));
    for (const uint32_t row : scanner->batch()->selection) kept->Add(left[row]);
    left = left.subspan(size);
  }
  return absl::OkStatus();
}

class QueryPredicate final : public storage::DeletePredicate {
 public:
  QueryPredicate(Query query, MemoryBudget* memory) : query_(std::move(query)), memory_(memory) {}

  const std::vector<Matcher>& matchers() const override { return query_.log()->matchers; }

  Status FindRows(const storage::Selection& selection, TimeRange range, const StopToken* stop,
                  absl::FunctionRef<void(size_t, const RowSet&)> sink) const override {
    PipelineOptions options;
    options.selects_rows = true;
    ASSIGN_OR_RETURN(const auto scanner,
                     UnitScanner::Create(selection, *query_.log(), options, memory_, stop));
    MemoryCharge charge(memory_);
    for (size_t unit = 0; unit < selection.units().size(); ++unit) {
      ASSIGN_OR_RETURN(const bool may_match, scanner->Open(unit));
      if (!may_match) continue;
      RETURN_IF_ERROR(scanner->SelectRows(range));
      if (scanner->rows().empty()) continue;
      RETURN_IF_ERROR(charge.Add(scanner->block()->rows() / 8));
      RowSet kept(scanner->block()->rows());
      if (scanner->pipeline().has_operators()) {
        RETURN_IF_ERROR(AddKept(scanner.get(), &kept));
      } else {
        for (const uint32_t row : scanner->rows()) kept.Add(row);
      }
      if (!kept.empty()) sink(unit, kept);
    }
    return absl::OkStatus();
  }

 private:
  const Query query_;
  MemoryBudget* const memory_;  // charged for batches, and for the rows that are found
};

}  // namespace

StatusOr<std::shared_ptr<const storage::DeletePredicate>> DeleteQueryCompiler::Compile(
    std::string_view query) {
  ASSIGN_OR_RETURN(Query parsed, ParseQuery(query));
  if (parsed.log() == nullptr) return InvalidArgument("only queries over log lines are supported");
  // Stages that do not compile are found now rather than when rows are looked for.
  RETURN_IF_ERROR(Pipeline::Compile(*parsed.log(), PipelineOptions()).status());
  return std::make_shared<const QueryPredicate>(std::move(parsed), memory_);
}

}  // namespace skald::query
