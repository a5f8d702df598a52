// Rules of Loki's ruler. None are evaluated here, and a user who had alerts must hear of it: they
// are found where the configuration keeps their files, so that the start can name them.
#pragma once

#include <string>
#include <vector>

#include "server/config/config.h"
#include "storage/base/file_system.h"

namespace skald {

struct UnservedRules {
  bool configured = false;               // the configuration speaks of a ruler
  std::vector<std::string> directories;  // where files were looked for
  std::vector<std::string> groups;       // `tenant/file/group: Alert, recorded:series`
  size_t rules = 0;
};

// Reads `<directory>/<tenant>/<file>` of every directory that the configuration names; a file that
// is no list of rule groups is one group without rules. At most a thousand files are read.
UnservedRules FindUnservedRules(const config::Config& config, FileSystem* files);

// One error-level line with their names, if there is a ruler or a rule.
void ReportUnservedRules(const UnservedRules& rules);

}  // namespace skald
