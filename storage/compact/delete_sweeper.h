// Carries out delete requests that are due: says which part is to be written again without the rows
// that they mean, and closes requests of which no part has rows any more.
#pragma once

#include <optional>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "storage/base/status.h"
#include "storage/base/stop.h"
#include "storage/cache/page_cache.h"
#include "storage/compact/merge_plan.h"
#include "storage/deletes/delete_book.h"
#include "storage/state/stored_state.h"

namespace skald::storage {

// Threads: externally synchronised.
class DeleteSweeper {
 public:
  // All must outlive this. `stop` ends a search for rows.
  DeleteSweeper(DeleteBook* book, PageCache* cache, const StopToken* stop)
      : book_(book), cache_(cache), stop_(stop) {}

  // The tenant's requests that are due.
  DeleteList DueOf(const StoredState& state, std::string_view tenant) const;

  // The next part to be written again; nullopt: none. Parts that are not `usable` keep the requests
  // that concern them open. On error `*unreadable` is the part that could not be read, if that was
  // it.
  StatusOr<std::optional<MergePlan>> Next(const StoredState& state,
                                          absl::FunctionRef<bool(const Part&)> usable,
                                          PartPtr* unreadable);

 private:
  // Whether the request means rows of the part.
  StatusOr<bool> HasRows(const PartPtr& part, const ActiveDelete& request);

  DeleteBook* const book_;
  PageCache* const cache_;
  const StopToken* const stop_;
};

}  // namespace skald::storage
