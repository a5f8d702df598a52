// Compiles the texts of delete requests: a selector, and a pipeline whose surviving rows are meant.
#pragma once

#include <memory>
#include <string_view>

#include "storage/delete_predicate.h"

namespace skald::query {

// Threads: thread-safe.
class DeleteQueryCompiler final : public storage::DeleteCompiler {
 public:
  StatusOr<std::shared_ptr<const storage::DeletePredicate>> Compile(
      std::string_view query) override;
};

}  // namespace skald::query
