// The durable catalog: an append-only file of checksummed edits, `MANIFEST`.
//
// The file is a framed file (storage/wal/framed_file_format.h). Its first record is a snapshot,
// each later one an edit (edit_codec.h). It is written anew, as `MANIFEST.new` and by rename, at
// every open, when edits outweigh the snapshot, and after a failed append; on a full disk at the
// cost of the ballast (ballast.h).
//
// Invariant: an edit for which Apply returned OK survives a crash, wholly; one that was never
// passed to Apply is never seen.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "storage/base/clock.h"
#include "storage/base/file_system.h"
#include "storage/base/status.h"
#include "storage/catalog/ballast.h"
#include "storage/catalog/catalog_state.h"
#include "storage/wal/framed_file_writer.h"

namespace skald::storage {

// What Open found.
struct ManifestReport {
  bool existed = false;
  uint64_t edits = 0;          // read, the snapshot included
  uint64_t damaged_bytes = 0;  // from the first damage on; not read
  std::string set_aside;       // the copy of a damaged manifest; empty: none
};

struct ManifestStats {
  uint64_t edits = 0;     // applied since Open
  uint64_t rewrites = 0;  // files written anew, that of Open included
  uint64_t failures = 0;  // Apply calls that returned an error of the disk
  uint64_t bytes = 0;     // of the file
};

// Threads: externally synchronised.
class Manifest {
 public:
  // Reads `<directory>/MANIFEST` and writes it anew. A missing one is empty, and stays missing
  // until the first Apply: that edit should account for all parts found on disk. Of a damaged one
  // the intact prefix is taken, the file set aside as `MANIFEST.damaged-<wall ns>`, and
  // state().needs_rebuild set, durably: until an edit clears it, the engine must not remove files
  // that the manifest does not name. FailedPrecondition: written by a newer version. An intact one
  // that the disk does not let be written anew is taken as it is; then state() is not durable().
  static StatusOr<std::unique_ptr<Manifest>> Open(FileSystem* files, Clock* clock,
                                                  const std::string& directory,
                                                  ManifestReport* report);

  // Makes the edit durable, then part of state(). A failed append is answered by writing the file
  // anew, the edit included; only if that fails too is the error returned (Unavailable or so).
  // The edit's fate is then open until a later Apply succeeds, which settles it as not applied: a
  // crash before that may bring it back, so files that it names must not be removed before.
  // FailedPrecondition: the edit contradicts the state; nothing was written.
  Status Apply(const CatalogEdit& edit);

  // Takes space for emergencies if it is missing and there is plenty.
  void KeepBallast() { ballast_.Keep(ballast_bytes_); }

  const CatalogState& state() const { return state_; }
  // False: the last edit of state() may be one that a crash takes back. Files that it does not name
  // must not be removed until an Apply has succeeded.
  bool durable() const { return writer_ != nullptr; }
  ManifestStats stats() const { return stats_; }

 private:
  Manifest(FileSystem* files, Clock* clock, std::string directory);

  Status Load(ManifestReport* report);
  Status Append(const CatalogEdit& edit);
  // Writes `state` as a new file and puts it in place, durably.
  Status Rewrite(const CatalogState& state);
  // The same of a framed snapshot, once.
  Status PutInPlace(const FramedFileHeader& header, std::string_view snapshot);
  void RewriteIfOutweighed();

  FileSystem* const files_;
  Clock* const clock_;
  const std::string directory_;
  Ballast ballast_;
  CatalogState state_;
  std::unique_ptr<FramedFileWriter> writer_;  // null: the file must be written anew
  uint64_t next_ordinal_ = 1;
  uint64_t rewrite_at_ = 0;     // size of the file
  uint64_t ballast_bytes_ = 0;  // no snapshot is larger
  ManifestStats stats_;
};

}  // namespace skald::storage
