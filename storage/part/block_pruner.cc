#include "storage/part/block_pruner.h"

namespace skald::storage {

StatusOr<RowSet> PossibleBlocks(const Part& part, const RequiredLiterals& required) {
  ASSIGN_OR_RETURN(const auto ngrams, part.Ngrams());
  ASSIGN_OR_RETURN(const auto tokens, part.Tokens());
  if (ngrams->blocks() != tokens->blocks()) return DataLoss("filters of a part disagree");
  const auto special_folding = [&](uint32_t block) { return ngrams->HasSpecialFolding(block); };
  RowSet result(ngrams->blocks(), true);
  RowSet with_plain_words(ngrams->blocks());
  for (uint32_t block = 0; block < ngrams->blocks(); ++block) {
    if (ngrams->HasPlainWords(block)) with_plain_words.Add(block);
  }
  for (const std::vector<RequiredLiteral>& alternatives : required) {
    RowSet possible(ngrams->blocks());
    for (const RequiredLiteral& literal : alternatives) {
      RowSet blocks = result;
      if (literal.place != LiteralPlace::kLine) {
        // Elsewhere the field may be written in another way.
        RowSet unknown = result;
        unknown.Subtract(with_plain_words);
        possible.UnionWith(unknown);
        blocks.IntersectWith(with_plain_words);
      }
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
