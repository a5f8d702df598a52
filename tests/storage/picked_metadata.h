// Checks that a block's metadata is the same for some rows as for all of them.
#pragma once

#include "storage/reader.h"
#include "tests/support/random.h"

namespace skald::storage {

// Holds Block::MetadataOf of random rows against Block::Metadata.
void ExpectPicksLikeMetadata(Block* block, Random* random);

}  // namespace skald::storage
