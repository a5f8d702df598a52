// Errors that say that there is no space left: on the disk, or in the quota of the process's owner,
// of which the free space of the disk says nothing.
#pragma once

#include "storage/base/status.h"

namespace skald {

// The same error, which says so. Annotate keeps that.
Status MarkDiskFull(Status status);
bool IsDiskFull(const Status& status);

}  // namespace skald
