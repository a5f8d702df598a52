// Delete requests for tests of storage, which knows no LogQL.
#pragma once

#include <memory>
#include <string_view>

#include "storage/delete_predicate.h"
#include "tests/support/engine_harness.h"

namespace skald::test_support {

// Texts are `APP` or `APP WORD`: the rows of streams whose label `app` is APP, as far as their
// lines contain WORD. Threads: thread-safe.
class PlainDeleteCompiler : public storage::DeleteCompiler {
 public:
  StatusOr<std::shared_ptr<const storage::DeletePredicate>> Compile(
      std::string_view query) override;
};

// Whether such a text means a row.
bool PlainDeleteMeans(std::string_view query, const PlainRow& row);

}  // namespace skald::test_support
