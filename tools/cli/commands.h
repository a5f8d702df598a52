// The commands, one file each. Every one reads `options`, prints its answer to standard output and
// returns the message to die with.
#pragma once

#include "storage/base/status.h"
#include "tools/cli/options.h"

namespace skald::cli {

Status RunQuery(const Options& options);
Status RunInstantQuery(const Options& options);
Status RunLabels(const Options& options);
Status RunSeries(const Options& options);
Status RunStats(const Options& options);
Status RunVolume(const Options& options);  // volume and volume_range
Status RunDetectedFields(const Options& options);
Status RunDeleteCreate(const Options& options);
Status RunDeleteList(const Options& options);
Status RunDeleteCancel(const Options& options);
Status RunFormat(const Options& options);
Status RunImport(const Options& options);
Status RunCompact(const Options& options);
Status RunRetention(const Options& options);
Status RunCompletion(const Options& options);  // prints a shell's script
Status RunComplete(const Options& options);    // what that script asks for
Status RunTail(const Options& options);        // query --tail
Status RunStdinQuery(const Options& options);  // query --stdin

}  // namespace skald::cli
