// The size of structured metadata, counted as Loki's chunks count it, which is what its volume
// endpoints tell: eight bytes a pair for two references, and the texts that they refer to once.
//
// A text counts as told already when the row before has it in the same place: exact for what
// repeats from row to row and for what never does, such as versions and trace ids. The few texts of
// detected_level count nothing.
#pragma once

#include <cstdint>
#include <span>

#include "storage/model/labels.h"

namespace skald {

// What a row's pairs add, `before` being those of the row before in the stream.
uint64_t MetadataVolume(std::span<const LabelView> pairs, std::span<const LabelView> before);

}  // namespace skald
