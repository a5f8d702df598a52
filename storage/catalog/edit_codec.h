// Catalog edits as bytes.
//
// An edit is a sequence of pieces, in the order of CatalogEdit's members:
//
//   u8 tag | varint length | fields
//
// Unsigned numbers are varints, signed ones zigzag varints, strings a varint length and the bytes,
// a log position two varints, an optional number u8 0, or u8 1 and the number:
//
//   1 tenant added      number, id
//   2 part removed      file number
//   3 part added        tenant, file number, level, optional day (signed), optional class, rows,
//                       bytes, min time, max time (signed), first position, last position,
//                       count of replaced parts, their file numbers
//   4 flushed           position
//   5 delete added      tenant, id, query, start, end (signed), position, created at, processed at
//                       (signed)
//   6 delete removed    tenant, id
//   7 delete processed  tenant, id, processed at (signed)
//   8 setting           key, value
//   9 needs rebuild     0 or 1
//   10 next numbers     tenant, file
//
// A later version may append fields to a piece; readers skip what they do not know at its end. A
// tag that is not known is an error: its meaning could not be kept.
#pragma once

#include <string>
#include <string_view>

#include "storage/base/status.h"
#include "storage/catalog/catalog_state.h"

namespace skald::storage {

void EncodeEdit(std::string* out, const CatalogEdit& edit);

// DataLoss when the bytes are malformed or hold an unknown tag.
StatusOr<CatalogEdit> DecodeEdit(std::string_view bytes);

}  // namespace skald::storage
