// Every key and every flag of Loki 3.7.6, and keys of earlier versions that old files still have.
//
// What of it is not in the table (key_table.h) is accepted without effect.
#pragma once

#include "server/config/name_tree.h"

namespace skald::config {

const NameTree& LokiKeys();
const NameTree& LokiFlags();

// Keys that Loki has removed and would refuse.
bool IsRemovedKey(std::string_view path);

}  // namespace skald::config
