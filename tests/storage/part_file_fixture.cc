#include "tests/storage/part_file_fixture.h"

#include <algorithm>

#include "tests/support/status_matchers.h"

namespace skald::storage {

PartFileFixture::PartFileFixture() { EXPECT_OK(files_.CreateDirectories("/d")); }

LabelSet StreamLabels(uint64_t i) {
  char text[16];
  snprintf(text, sizeof(text), "s%06d", static_cast<int>(i));
  return LabelSet::FromPairs({{"service_name", text}, {"env", i % 2 == 0 ? "a" : "b"}});
}

std::vector<PartTestStream> RandomStreams(Random* random) {
  std::vector<PartTestStream> streams;
  const uint64_t count = 1 + random->Below(random->OneIn(3) ? 400 : 5);
  const uint64_t most_rows = count > 10 ? 4 : 3000;
  for (uint64_t s = 0; s < count; ++s) {
    PartTestStream stream;
    stream.labels = StreamLabels(s);
    const uint64_t rows = 1 + random->Below(most_rows);
    const uint64_t line = random->OneIn(4) ? 1 : 200;
    for (uint64_t i = 0; i < rows; ++i) {
      PartTestRow row;
      row.time = random->Between(-1000, 100'000);
      row.line = random->Text(random->Below(line), "abc \n");
      if (random->OneIn(700)) row.line = random->Text(300'000 + random->Below(50), "xy");
      for (uint64_t n = random->Below(4); n > 0; --n) {
        row.metadata["m" + std::to_string(random->Below(80))] =
            random->Text(random->Below(4), "ab");
      }
      stream.rows.push_back(std::move(row));
    }
    std::stable_sort(stream.rows.begin(), stream.rows.end(),
                     [](const PartTestRow& a, const PartTestRow& b) { return a.time < b.time; });
    streams.push_back(std::move(stream));
  }
  return streams;
}

void PartFileFixture::Write(const std::vector<PartTestStream>& streams,
                            const PartProperties& properties) {
  ASSERT_OK_AND_ASSIGN(auto file, files_.NewWritableFile(kPath));
  PartWriter writer(std::move(file), CompressionEffort::kQuick);
  for (const PartTestStream& stream : streams) {
    for (const PartTestRow& row : stream.rows) {
      std::vector<LabelView> metadata;
      for (const auto& [name, value] : row.metadata) metadata.push_back({name, value});
      ASSERT_OK(writer.Add({row.time, row.line, metadata}));
    }
    ASSERT_OK(writer.EndStream(stream.labels));
  }
  ASSERT_OK_AND_ASSIGN(const PartSummary summary, writer.Finish(properties));
  EXPECT_THAT(files_.FileSize(kPath), IsOkAndHolds(summary.file_bytes));
  Open();
}

void PartFileFixture::Open() {
  ++file_number_;
  auto part = Part::Open(&files_, kPath, file_number_, &cache_);
  ASSERT_OK(part.status());
  part_ = *std::move(part);
}

std::unique_ptr<PartBlock> PartFileFixture::OpenBlock(size_t index, std::vector<uint32_t> hidden) {
  const auto directory = part_->Directory();
  const auto streams = part_->Streams();
  EXPECT_OK(directory.status());
  EXPECT_OK(streams.status());
  const BlockInfo& info = (*directory)->block(index);
  std::vector<StreamRun> runs;
  const uint64_t end = info.first_row + info.rows;
  for (uint64_t row = info.first_row; row < end;) {
    const uint32_t stream = (*streams)->StreamOf(row);
    const uint64_t run_end = std::min(end, (*streams)->first_row(stream + 1));
    runs.push_back({stream, static_cast<uint32_t>(row - info.first_row),
                    static_cast<uint32_t>(run_end - info.first_row)});
    row = run_end;
  }
  auto block = PartBlock::Open(part_, index, runs, std::move(hidden));
  EXPECT_OK(block.status());
  return *std::move(block);
}

StatusOr<std::vector<PartTestStream>> PartFileFixture::ReadAll() {
  ASSIGN_OR_RETURN(const auto directory, part_->Directory());
  ASSIGN_OR_RETURN(const auto streams, part_->Streams());
  ASSIGN_OR_RETURN(const auto index, part_->Index());
  std::vector<PartTestStream> result(streams->size());
  for (uint32_t i = 0; i < streams->size(); ++i) result[i].labels = streams->Labels(i, *index);
  for (size_t i = 0; i < directory->size(); ++i) {
    ASSIGN_OR_RETURN(const auto block, PartBlock::Open(part_, i, {}, {}));
    ASSIGN_OR_RETURN(const std::vector<PartTestRow> rows, RowsOf(block.get()));
    for (size_t row = 0; row < rows.size(); ++row) {
      result[streams->StreamOf(directory->block(i).first_row + row)].rows.push_back(rows[row]);
    }
  }
  return result;
}

StatusOr<std::vector<PartTestRow>> PartFileFixture::RowsOf(Block* block) {
  std::vector<PartTestRow> rows(block->rows());
  ASSIGN_OR_RETURN(const auto times, block->Timestamps());
  ASSIGN_OR_RETURN(LineColumn * column, block->Lines());
  std::vector<uint32_t> all(block->rows());
  for (uint32_t i = 0; i < all.size(); ++i) all[i] = i;
  std::vector<std::string_view> lines(rows.size());
  std::vector<uint32_t> lengths(rows.size());
  RETURN_IF_ERROR(column->Materialise(all, std::span(lines)));
  RETURN_IF_ERROR(column->Lengths(lengths));
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i].time = times[i];
    rows[i].line = std::string(lines[i]);
    if (lengths[i] != lines[i].size()) return Internal("length");
  }
  const auto names = block->metadata_names();
  for (size_t n = 0; n < names.size(); ++n) {
    ASSIGN_OR_RETURN(const StringColumn values, block->Metadata(n));
    for (size_t i = 0; i < rows.size(); ++i) {
      if (!IsAbsent(values[i])) rows[i].metadata.emplace(names[n], values[i]);
    }
  }
  return rows;
}

void PartFileFixture::ExpectHolds(const std::vector<PartTestStream>& streams) {
  ASSERT_OK_AND_ASSIGN(const std::vector<PartTestStream> read, ReadAll());
  ASSERT_EQ(read.size(), streams.size());
  for (size_t s = 0; s < streams.size(); ++s) {
    ASSERT_EQ(read[s].labels, streams[s].labels);
    ASSERT_EQ(read[s].rows.size(), streams[s].rows.size());
    for (size_t i = 0; i < streams[s].rows.size(); ++i) {
      const PartTestRow& expected = streams[s].rows[i];
      const PartTestRow& row = read[s].rows[i];
      ASSERT_EQ(row.time, expected.time) << s << "/" << i;
      ASSERT_TRUE(row.line == expected.line) << s << "/" << i;
      ASSERT_EQ(row.metadata, expected.metadata) << s << "/" << i;
    }
  }
}

}  // namespace skald::storage
