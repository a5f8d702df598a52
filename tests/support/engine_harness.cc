#include "tests/support/engine_harness.h"

#include <condition_variable>
#include <mutex>
#include <optional>

#include "storage/base/coding.h"
#include "storage/model/label_parser.h"

namespace skald::test_support {
namespace {

struct OwnedStream {
  StreamPtr stream;
  std::vector<std::vector<LabelView>> metadata;
  std::vector<Row> rows;
};

// Rows grouped by stream, in the order given.
std::vector<std::unique_ptr<OwnedStream>> Group(const std::vector<PlainRow>& rows) {
  std::map<std::string, OwnedStream*> by_labels;
  std::vector<std::unique_ptr<OwnedStream>> streams;
  for (const PlainRow& row : rows) {
    OwnedStream*& stream = by_labels[row.labels];
    if (stream == nullptr) {
      streams.push_back(std::make_unique<OwnedStream>());
      stream = streams.back().get();
      stream->stream = std::make_shared<Stream>(Labels(row.labels));
    }
    stream->metadata.emplace_back();
    Row out;
    out.timestamp = row.time;
    out.line = row.line;
    for (const auto& [name, value] : row.metadata) {
      if (name == kDetectedLevel) {
        out.detected_level = value;
      } else {
        stream->metadata.back().push_back({name, value});
      }
    }
    stream->rows.push_back(out);
  }
  for (const auto& stream : streams) {
    for (size_t i = 0; i < stream->rows.size(); ++i) {
      stream->rows[i].metadata = stream->metadata[i];
    }
  }
  return streams;
}

std::vector<StreamRows> Views(const std::vector<std::unique_ptr<OwnedStream>>& streams) {
  std::vector<StreamRows> views;
  for (const auto& stream : streams) views.push_back({stream->stream, stream->rows});
  return views;
}

Status AppendBlock(storage::Block* block, const std::vector<StreamPtr>& streams, TimeRange range,
                   std::vector<PlainRow>* out) {
  RowSet selected;
  RETURN_IF_ERROR(block->SelectRows(range, &selected));
  std::vector<uint32_t> rows;
  selected.ForEach([&](uint32_t row) { rows.push_back(row); });
  std::vector<std::string_view> lines(rows.size());
  ASSIGN_OR_RETURN(const auto times, block->Timestamps());
  ASSIGN_OR_RETURN(storage::LineColumn * column, block->Lines());
  RETURN_IF_ERROR(column->Materialise(rows, std::span(lines)));
  std::vector<StringColumn> metadata;
  const auto names = block->metadata_names();
  for (size_t i = 0; i < names.size(); ++i) {
    ASSIGN_OR_RETURN(const StringColumn values, block->Metadata(i));
    metadata.push_back(values);
  }
  size_t run = 0;
  for (size_t k = 0; k < rows.size(); ++k) {
    while (block->runs()[run].end <= rows[k]) ++run;
    PlainRow row;
    row.labels = streams[block->runs()[run].stream]->text;
    row.time = times[rows[k]];
    row.line = lines[k];
    for (size_t i = 0; i < names.size(); ++i) {
      const std::string_view value = metadata[i][rows[k]];
      if (!IsAbsent(value)) row.metadata.emplace_back(names[i], value);
    }
    out->push_back(std::move(row));
  }
  return absl::OkStatus();
}

}  // namespace

LabelSet Labels(const std::string& text) { return LabelSet::FromPairs(*ParseLabelText(text)); }

std::string EncodeRows(const std::vector<PlainRow>& rows) {
  std::string body;
  for (const PlainRow& row : rows) {
    PutLengthPrefixed(&body, row.labels);
    PutZigzag64(&body, row.time);
    PutLengthPrefixed(&body, row.line);
    PutVarint64(&body, row.metadata.size());
    for (const auto& [name, value] : row.metadata) {
      PutLengthPrefixed(&body, name);
      PutLengthPrefixed(&body, value);
    }
  }
  return body;
}

Status PlainRowDecoder::Decode(const storage::PushRecord& record,
                               absl::FunctionRef<void(std::span<const StreamRows>)> sink) {
  std::vector<PlainRow> rows;
  ByteReader reader(record.body);
  while (!reader.empty()) {
    PlainRow row;
    std::string_view labels, line;
    uint64_t pairs = 0;
    if (!reader.ReadLengthPrefixed(&labels) || !reader.ReadZigzag64(&row.time) ||
        !reader.ReadLengthPrefixed(&line) || !reader.ReadVarint64(&pairs)) {
      return DataLoss("bad test body");
    }
    row.labels = labels;
    row.line = line;
    for (; pairs > 0; --pairs) {
      std::string_view name, value;
      if (!reader.ReadLengthPrefixed(&name) || !reader.ReadLengthPrefixed(&value)) {
        return DataLoss("bad test body");
      }
      row.metadata.emplace_back(name, value);
    }
    rows.push_back(std::move(row));
  }
  const auto streams = Group(rows);
  sink(Views(streams));
  return absl::OkStatus();
}

Status Push(storage::Engine* engine, const std::string& tenant, const std::vector<PlainRow>& rows,
            bool durable, MemoryBudget* budget) {
  const std::string body = EncodeRows(rows);
  storage::PushRecord record;
  record.tenant = tenant;
  record.body = body;
  const auto streams = Group(rows);
  Reservation memory(budget);
  ASSIGN_OR_RETURN(const LogPosition position,
                   engine->writer()->Append(record, Views(streams), &memory));
  if (!durable) return absl::OkStatus();
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<Status> outcome;
  engine->writer()->WhenDurable(position, [&](Status status) {
    const std::lock_guard<std::mutex> lock(mutex);
    outcome = std::move(status);
    changed.notify_one();
  });
  std::unique_lock<std::mutex> lock(mutex);
  changed.wait(lock, [&] { return outcome.has_value(); });
  return *outcome;
}

StatusOr<std::vector<PlainRow>> ReadRows(storage::Engine* engine, const std::string& tenant,
                                         const std::vector<Matcher>& matchers, TimeRange range) {
  const auto snapshot = engine->reader()->GetSnapshot(tenant);
  ASSIGN_OR_RETURN(const auto selection, snapshot->Select(matchers, range, nullptr));
  std::vector<PlainRow> rows;
  for (size_t i = 0; i < selection->units().size(); ++i) {
    ASSIGN_OR_RETURN(const auto block, selection->Open(i, nullptr));
    RETURN_IF_ERROR(AppendBlock(block.get(), selection->streams(), range, &rows));
  }
  std::stable_sort(rows.begin(), rows.end(), [](const PlainRow& a, const PlainRow& b) {
    return std::tie(a.labels, a.time) < std::tie(b.labels, b.time);
  });
  return rows;
}

}  // namespace skald::test_support
