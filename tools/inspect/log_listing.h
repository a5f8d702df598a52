// Records of framed files as text: a log segment's pushes, the manifest's edits.
#pragma once

#include <string>

#include "storage/base/file_system.h"
#include "storage/base/status.h"

namespace skald::inspect {

// A line for every record and every range of damage of a segment. InvalidArgument: its name is not
// a segment's.
StatusOr<std::string> ListSegment(FileSystem* files, const std::string& path);

// A line for every piece of every edit of a manifest.
StatusOr<std::string> ListManifest(FileSystem* files, const std::string& path);

}  // namespace skald::inspect
