#include "storage/part/stream_table.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "storage/base/coding.h"

namespace skald::storage {
namespace {

// A number of labels and five columns, of a byte at least.
constexpr uint64_t kMinStreamBytes = 6;

Status Damaged() { return DataLoss("damaged stream table"); }

}  // namespace

bool StreamOrderLess(std::string_view service_a, std::string_view text_a,
                     std::string_view service_b, std::string_view text_b) {
  if (service_a != service_b) return service_a < service_b;
  return text_a < text_b;
}

void StreamTableBuilder::Add(const LabelSet& labels, const StreamExtent& extent) {
  index_.AddStream(labels, &refs_);
  ref_ends_.push_back(static_cast<uint32_t>(refs_.size()));
  extents_.push_back(extent);
}

int64_t StreamTableBuilder::min_time() const {
  int64_t min_time = std::numeric_limits<int64_t>::max();
  for (const StreamExtent& extent : extents_) min_time = std::min(min_time, extent.min_time);
  return min_time;
}

void StreamTableBuilder::Finish(std::string* label_index, std::string* stream_table) {
  const std::vector<uint32_t> final_number = index_.Finish(label_index);
  PutVarint64(stream_table, extents_.size());
  size_t ref = 0;
  for (const uint32_t end : ref_ends_) {
    PutVarint64(stream_table, end - ref);
    uint32_t previous = 0;
    for (; ref < end; ++ref) {
      PutVarint64(stream_table, final_number[refs_[ref]] - previous);
      previous = final_number[refs_[ref]];
    }
  }
  const auto first = static_cast<uint64_t>(min_time());
  for (const StreamExtent& extent : extents_) PutVarint64(stream_table, extent.rows);
  for (const StreamExtent& extent : extents_) PutVarint64(stream_table, extent.line_bytes);
  for (const StreamExtent& extent : extents_) PutVarint64(stream_table, extent.metadata_bytes);
  for (const StreamExtent& extent : extents_) {
    PutVarint64(stream_table, static_cast<uint64_t>(extent.min_time) - first);
  }
  for (const StreamExtent& extent : extents_) {
    PutVarint64(stream_table,
                static_cast<uint64_t>(extent.max_time) - static_cast<uint64_t>(extent.min_time));
  }
}

StatusOr<std::unique_ptr<StreamTable>> StreamTable::Parse(std::string_view bytes,
                                                          int64_t part_min_time, size_t values) {
  std::unique_ptr<StreamTable> table(new StreamTable());
  ByteReader reader(bytes);
  uint64_t streams = 0;
  if (!reader.ReadVarint64(&streams) || streams > reader.remaining() / kMinStreamBytes) {
    return Damaged();
  }
  table->first_ref_.reserve(streams + 1);
  for (uint64_t i = 0; i < streams; ++i) {
    table->first_ref_.push_back(static_cast<uint32_t>(table->refs_.size()));
    uint64_t labels = 0;
    if (!reader.ReadVarint64(&labels) || labels > reader.remaining()) return Damaged();
    uint64_t number = 0;
    for (uint64_t k = 0; k < labels; ++k) {
      uint64_t step = 0;
      if (!reader.ReadVarint64(&step)) return Damaged();
      number += step;
      if (number >= values) return Damaged();
      table->refs_.push_back(static_cast<uint32_t>(number));
    }
  }
  table->first_ref_.push_back(static_cast<uint32_t>(table->refs_.size()));
  table->extents_.resize(streams);
  const auto read_column = [&](auto assign) {
    for (StreamExtent& extent : table->extents_) {
      uint64_t value = 0;
      if (!reader.ReadVarint64(&value)) return false;
      assign(&extent, value);
    }
    return true;
  };
  const auto base = static_cast<uint64_t>(part_min_time);
  const bool whole = read_column([](StreamExtent* e, uint64_t v) { e->rows = v; }) &&
                     read_column([](StreamExtent* e, uint64_t v) { e->line_bytes = v; }) &&
                     read_column([](StreamExtent* e, uint64_t v) { e->metadata_bytes = v; }) &&
                     read_column([&](StreamExtent* e, uint64_t v) {
                       e->min_time = static_cast<int64_t>(base + v);
                     }) &&
                     read_column([](StreamExtent* e, uint64_t v) {
                       e->max_time = static_cast<int64_t>(static_cast<uint64_t>(e->min_time) + v);
                     });
  if (!whole || !reader.empty()) return Damaged();
  uint64_t row = 0;
  for (const StreamExtent& extent : table->extents_) {
    table->first_row_.push_back(row);
    row += extent.rows;
    if (extent.rows == 0 || row < extent.rows) return Damaged();
  }
  table->first_row_.push_back(row);
  return table;
}

uint32_t StreamTable::StreamOf(uint64_t row) const {
  const auto after = std::upper_bound(first_row_.begin(), first_row_.end(), row);
  return static_cast<uint32_t>(after - first_row_.begin()) - 1;
}

LabelSet StreamTable::Labels(uint32_t stream, const LabelIndex& index) const {
  std::vector<LabelView> labels;
  labels.reserve(first_ref_[stream + 1] - first_ref_[stream]);
  for (uint32_t i = first_ref_[stream]; i < first_ref_[stream + 1]; ++i) {
    labels.push_back(index.Label(refs_[i]));
  }
  return LabelSet::FromSorted(labels);
}

size_t StreamTable::charge() const {
  return extents_.size() * (sizeof(StreamExtent) + sizeof(uint64_t) + sizeof(uint32_t)) +
         refs_.size() * sizeof(uint32_t);
}

}  // namespace skald::storage
