#include "storage/part/block_pruner.h"

namespace skald::storage {

StatusOr<RowSet> PossibleBlocks(const Part& part, const RequiredLiterals& required) {
  ASSIGN_OR_RETURN(const auto ngrams, part.Ngrams());
  ASSIGN_OR_RETURN(const auto tokens, part.Tokens());
  if (ngrams->blocks() != tokens->blocks()) return DataLoss("filters of a part disagree");
  const auto special_folding = [&](uint32_t block) { return ngrams->HasSpecialFolding(block); };
  RowSet result(ngrams->blocks(), true);
  for (const std::vector<RequiredLiteral>& alternatives : required) {
    RowSet possible(ngrams->blocks());
    for (const RequiredLiteral& literal : alternatives) {
      RowSet blocks = result;
      RETURN_IF_ERROR(ngrams->Prune(part, literal, &blocks));
      if (!blocks.empty()) tokens->Prune(literal, special_folding, &blocks);
      possible.UnionWith(blocks);
    }
    result.IntersectWith(possible);
    if (result.empty()) break;
  }
  return result;
}

}  // namespace skald::storage
