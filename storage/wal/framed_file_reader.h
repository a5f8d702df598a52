// Reads a framed file from front to back, finding its way again after damage.
//
// Bad bytes are either damage or a torn tail. A torn tail is what a crash leaves of the last write
// of a file that was not closed in order: a record that the file's end (or a run of zeros from a
// sector boundary up to it) cuts short. Everything else that is no record is damage. A record that
// fails its payload's checksum is damage as a whole; where a header fails, the next marker with a
// good header is sought.
//
// Memory: one record and a window of 1 MiB.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "storage/base/file_system.h"
#include "storage/base/status.h"
#include "storage/wal/file_window.h"
#include "storage/wal/framed_file_format.h"

namespace skald::storage {

// Threads: externally synchronised.
class FramedFileReader {
 public:
  enum class Event {
    kRecord,  // type(), ordinal(), payload()
    kDamage,  // damage_offset(), damage_size()
    kEnd,     // closed(), torn(), intact_size()
  };

  // Opens a file of this kind and number. FailedPrecondition: it is of a newer version.
  static StatusOr<std::unique_ptr<FramedFileReader>> Open(FileSystem* files,
                                                          const std::string& path,
                                                          std::string_view kind, uint64_t number);

  // Moves on to the next record, range of damage, or the end. Ordinals ascend; one that was skipped
  // stood in damage. An error means that the file cannot be read now, not that it is damaged.
  StatusOr<Event> Next();

  // The record; views until the next call.
  uint8_t type() const { return record_.type; }
  uint64_t ordinal() const { return record_.ordinal; }
  std::string_view payload() const { return payload_; }
  // The record's place in the file.
  uint64_t record_offset() const { return offset_ - record_size(); }
  uint64_t record_size() const { return kRecordHeaderSize + record_.payload_size; }

  uint64_t damage_offset() const { return damage_offset_; }
  uint64_t damage_size() const { return offset_ - damage_offset_; }

  // The file ends with an end record.
  bool closed() const { return closed_; }
  // Bytes of an incomplete write stand behind the first intact_size() bytes.
  bool torn() const { return torn_; }
  uint64_t intact_size() const { return offset_; }
  uint64_t file_size() const { return window_.file_size(); }

 private:
  FramedFileReader(std::unique_ptr<RandomAccessFile> file, std::string_view kind, uint64_t number);

  // What stands at an offset.
  enum class Found { kRecord, kBadPayload, kCutShort, kNothing };

  Status ReadHeader();
  Status AdoptMarkerOfFirstRecord();
  StatusOr<Found> Look(uint64_t offset);

  StatusOr<Event> TakeRecord();
  StatusOr<Event> TakeBadHeader();
  StatusOr<Event> TakeBadPayload();
  StatusOr<Event> TakeUnknown();
  StatusOr<Event> TakeRest();
  // Tells of damage from offset_ to `end`.
  Event Damage(uint64_t end);
  Event TornTail();

  // True if [offset, end) is empty or a record's header cut short.
  StatusOr<bool> BeginsRecord(uint64_t offset, uint64_t end);
  // The place of the next good record header at or after `from`; the file's size if there is none.
  StatusOr<uint64_t> FindRecord(uint64_t from);
  // Behind the last byte that is not zero.
  StatusOr<uint64_t> ContentEnd();
  // Where the write that was cut short stops: the sector boundary from which on there are only
  // zeros, or the end of the file.
  StatusOr<uint64_t> TornFrom();

  FileWindow window_;
  const std::string_view kind_;
  const uint64_t number_;
  std::optional<uint64_t> marker_;

  uint64_t offset_ = 0;  // everything before has been told
  uint64_t damage_offset_ = 0;
  uint64_t last_ordinal_ = 0;
  RecordHeader record_;
  std::string_view payload_;
  std::optional<uint64_t> content_end_;
  bool closed_ = false;
  bool torn_ = false;
};

}  // namespace skald::storage
