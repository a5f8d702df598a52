// label_replace(v, "target", "replacement", "source", "regex").
#pragma once

#include <vector>

#include "query/engine/step_values.h"
#include "query/syntax/ast.h"
#include "storage/base/arena.h"
#include "storage/base/memory_charge.h"
#include "storage/base/status.h"
#include "storage/base/stop.h"

namespace skald::query {

// Sets `target` of every series whose `source` the whole regex matches to the expanded replacement
// (`$1`, `${name}`; an empty result removes the label). Series that become alike stay apart. What
// the labels take in `arena` is charged to `charge`.
Status ReplaceLabels(const LabelReplaceExpr& expr, const StopToken* stop, Arena* arena,
                     MemoryCharge* charge, std::vector<Series>* series);

}  // namespace skald::query
