// What the manifest says: tenants, parts, deletes, how far the log is in parts; and edits to it.
//
// A CatalogState is the result of applying edits in order to an empty one. An edit is one atomic
// change, whatever its number of pieces.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/base/status.h"
#include "storage/model/ids.h"

namespace skald::storage {

// Numbers that name directories and files; never reused. 0 names nothing.
using TenantNumber = uint32_t;
using FileNumber = uint64_t;

struct PartInfo {
  TenantNumber tenant = 0;
  FileNumber file = 0;
  uint32_t level = 0;
  // Level 0 may span days and classes; from level 1 both are set.
  std::optional<int32_t> day = {};               // UTC days since the epoch
  std::optional<uint32_t> retention_class = {};  // the period in seconds; 0: for ever
  uint64_t rows = 0;
  uint64_t bytes = 0;      // of the file
  int64_t min_time = 0;    // ns, inclusive
  int64_t max_time = 0;    // ns, inclusive
  LogPosition first = {};  // where its rows were logged, inclusive
  LogPosition last = {};
  std::vector<FileNumber> replaces = {};  // parts it was merged from

  bool operator==(const PartInfo&) const = default;
};

struct DeleteRequest {
  TenantNumber tenant = 0;
  std::string id = {};  // unique within the tenant
  std::string query = {};
  int64_t start = 0;          // ns, inclusive
  int64_t end = 0;            // ns, inclusive
  LogPosition position = {};  // hides rows logged up to here
  int64_t created_at = 0;     // wall ns
  int64_t processed_at = 0;   // wall ns; 0: not yet

  bool operator==(const DeleteRequest&) const = default;
};

// Names a delete request.
struct DeleteKey {
  TenantNumber tenant = 0;
  std::string id;
  auto operator<=>(const DeleteKey&) const = default;
};

// Applied in the order of the members.
struct CatalogEdit {
  std::vector<std::pair<TenantNumber, TenantId>> tenants_added;
  std::vector<FileNumber> parts_removed;  // expired, or inputs of parts_added
  std::vector<PartInfo> parts_added;
  std::optional<LogPosition> flushed;  // every record up to here is in parts or logged again
  std::vector<DeleteRequest> deletes_added;
  std::vector<DeleteKey> deletes_removed;                        // cancelled or forgotten
  std::vector<std::pair<DeleteKey, int64_t>> deletes_processed;  // at which wall ns
  std::vector<std::pair<std::string, std::string>> settings;     // an empty value removes
  // Sets or clears CatalogState::needs_rebuild.
  std::optional<bool> needs_rebuild;
  // Raises the counters of numbers to at least these; for numbers found in use elsewhere.
  TenantNumber min_next_tenant = 0;
  FileNumber min_next_file = 0;

  bool operator==(const CatalogEdit&) const = default;
};

// Threads: externally synchronised; a value.
struct CatalogState {
  std::map<TenantNumber, TenantId> tenants;
  std::map<FileNumber, PartInfo> parts;
  LogPosition flushed;
  std::map<DeleteKey, DeleteRequest> deletes;
  std::map<std::string, std::string> settings;
  // The manifest was damaged once and nobody has yet said that all parts are accounted for: files
  // it does not name may hold rows.
  bool needs_rebuild = false;
  // Greater than every number ever used.
  TenantNumber next_tenant = 1;
  FileNumber next_file = 1;

  // FailedPrecondition when the edit contradicts the state: a number or id taken or unknown, a
  // position going back.
  Status Check(const CatalogEdit& edit) const;

  // Applies an edit, all of it or, when Check fails, nothing.
  Status Apply(const CatalogEdit& edit);

  // The edit that makes this state of an empty one.
  CatalogEdit AsEdit() const;

  bool operator==(const CatalogState&) const = default;
};

}  // namespace skald::storage
