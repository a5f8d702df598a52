// A decoded push: streams, their entries and the entries' structured metadata, as views.
//
// Every decoder fills one of these; validation and discovery read it. Views point into the body
// that was decoded or into the batch's own memory. The vectors are flat and reused from request to
// request, so that an entry costs no allocation; their growth is charged to a reservation, so that
// a body of a million empty entries ends in a clear error.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "storage/base/arena.h"
#include "storage/base/memory_budget.h"
#include "storage/base/status.h"
#include "storage/model/labels.h"

namespace skald::ingest {

// The timestamp of an entry that came without one.
inline constexpr int64_t kNoTimestamp = std::numeric_limits<int64_t>::min();

struct PushEntry {
  int64_t timestamp = kNoTimestamp;  // ns
  std::string_view line;
  uint32_t metadata_begin = 0;
  uint32_t metadata_count = 0;
};

struct PushStream {
  std::string_view labels;  // label text as pushed, `{a="b"}`
  uint32_t entries_begin = 0;
  uint32_t entry_count = 0;
};

// Threads: externally synchronised.
class PushBatch {
 public:
  // Forgets everything; what is added from now on is charged to `memory`, which must outlive its
  // use. Keeps small buffers, gives large ones back.
  void Reset(Reservation* memory);

  // Starts a stream; the following entries belong to it.
  Status BeginStream(std::string_view labels);
  // Names the current stream, for formats whose labels may come after the entries.
  void SetLabels(std::string_view labels) { streams_.back().labels = labels; }

  // Adds an entry to the current stream. REQUIRES: BeginStream() was called.
  Status AddEntry(int64_t timestamp, std::string_view line) {
    RETURN_IF_ERROR(Reserve(&entries_));
    entries_.push_back({timestamp, line, static_cast<uint32_t>(metadata_.size()), 0});
    ++streams_.back().entry_count;
    return absl::OkStatus();
  }
  // Adds a metadata pair to the last entry. REQUIRES: AddEntry() was called.
  Status AddMetadata(std::string_view name, std::string_view value) {
    RETURN_IF_ERROR(Reserve(&metadata_));
    metadata_.push_back({name, value});
    ++entries_.back().metadata_count;
    return absl::OkStatus();
  }
  PushEntry* last_entry() { return &entries_.back(); }

  // Copies text, or several one after the other, into the batch's memory.
  StatusOr<std::string_view> CopyText(std::string_view text) { return JoinText({text}); }
  StatusOr<std::string_view> JoinText(std::initializer_list<std::string_view> texts);

  // What the batch is charged to.
  Reservation* memory() const { return memory_; }

  std::span<const PushStream> streams() const { return streams_; }
  std::span<const PushEntry> entries() const { return entries_; }
  std::span<const PushEntry> EntriesOf(const PushStream& stream) const {
    return entries().subspan(stream.entries_begin, stream.entry_count);
  }
  std::span<const LabelView> MetadataOf(const PushEntry& entry) const {
    return std::span(metadata_).subspan(entry.metadata_begin, entry.metadata_count);
  }

 private:
  // Makes room for one more element, charging what that takes.
  template <typename T>
  Status Reserve(std::vector<T>* values) {
    if (values->size() < values->capacity()) return absl::OkStatus();
    return Grow(values);
  }
  template <typename T>
  Status Grow(std::vector<T>* values);

  std::vector<PushStream> streams_;
  std::vector<PushEntry> entries_;
  std::vector<LabelView> metadata_;
  Arena texts_;
  Reservation* memory_ = nullptr;
};

}  // namespace skald::ingest
