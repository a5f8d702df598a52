// Small logs for tests: pushes that differ in every field, and what replay makes of a directory.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/wal/recovery.h"
#include "storage/wal/segment_encoder.h"

namespace skald::storage {

// A push and the bytes that it points to.
struct TestPush {
  explicit TestPush(uint64_t i, size_t body_size = 20)
      : tenant(StrCat("tenant-", i % 3)),
        settings(StrCat("settings-", i % 2)),
        rejections(i % 4 == 0 ? StrCat("rejected-", i) : ""),
        body(StrCat("body-", i, "-")) {
    body.resize(std::max(body.size(), body_size), 'x');
    record = {.tenant = tenant,
              .receive_time = static_cast<int64_t>(i) - 5,
              .body_format = static_cast<uint8_t>(i),
              .settings = settings,
              .rejections = rejections,
              .body = body};
  }
  TestPush(const TestPush&) = delete;
  TestPush& operator=(const TestPush&) = delete;

  std::string tenant, settings, rejections, body;
  PushRecord record;
};

// Everything of a push as one text.
inline std::string Describe(const PushRecord& push) {
  return StrCat(push.tenant, "|", push.receive_time, "|", static_cast<int>(push.body_format), "|",
                push.settings, "|", push.rejections, "|", push.body);
}
inline std::string DescribePush(uint64_t i, size_t body_size = 20) {
  return Describe(TestPush(i, body_size).record);
}

struct Replayed {
  Status status;
  ReplayStats stats;
  std::vector<LogPosition> positions;
  std::vector<std::string> records;  // pushes as Describe has them; rows as "rows of <tenant>"
};

inline Replayed ReplayAll(FileSystem* files, const std::string& directory,
                          LogPosition skip_up_to = {}) {
  Replayed result;
  result.status = ReplayLog(
      files, directory, skip_up_to,
      [&](const ReplayedRecord& record) {
        result.positions.push_back(record.position);
        result.records.push_back(record.push != nullptr ? Describe(*record.push)
                                                        : StrCat("rows of ", record.rows->tenant));
        return absl::OkStatus();
      },
      &result.stats);
  return result;
}

inline void WriteFile(FileSystem* files, const std::string& path, std::string_view bytes) {
  auto file = files->NewWritableFile(path).value();
  file->Append(bytes).IgnoreError();
  file->Sync().IgnoreError();
}

}  // namespace skald::storage
