// Compiles the texts of delete requests: a selector, and a pipeline whose surviving rows are meant.
#pragma once

#include <memory>
#include <string_view>

#include "storage/base/memory_budget.h"
#include "storage/delete_predicate.h"

namespace skald::query {

// Threads: thread-safe.
class DeleteQueryCompiler final : public storage::DeleteCompiler {
 public:
  // `memory`, if any, is charged while rows are looked for and must outlive this and what it
  // compiles; then looking fails with ResourceExhausted when there is none.
  explicit DeleteQueryCompiler(MemoryBudget* memory = nullptr) : memory_(memory) {}

  StatusOr<std::shared_ptr<const storage::DeletePredicate>> Compile(
      std::string_view query) override;

 private:
  MemoryBudget* const memory_;
};

}  // namespace skald::query
