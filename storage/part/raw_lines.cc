#include "storage/part/raw_lines.h"

#include <algorithm>
#include <utility>

namespace skald::storage {

RawLines::RawLines(const Part& part, std::vector<PageInfo> pages, std::vector<uint64_t> starts,
                   ScanStats* stats)
    : part_(part),
      pages_(std::move(pages)),
      starts_(std::move(starts)),
      loaded_(pages_.size()),
      stats_(stats) {}

StatusOr<std::unique_ptr<RawLines>> RawLines::Create(const Part& part, std::vector<PageInfo> pages,
                                                     std::vector<uint64_t> starts,
                                                     ScanStats* stats) {
  std::unique_ptr<RawLines> lines(new RawLines(part, std::move(pages), std::move(starts), stats));
  for (size_t i = 0; i < lines->pages_.size(); ++i) {
    const uint64_t size =
        lines->starts_[lines->PageEnd(i)] - lines->starts_[lines->pages_[i].first_row];
    if (size != lines->pages_[i].raw_size) return DataLoss("line page and lengths disagree");
  }
  return lines;
}

size_t RawLines::PageOf(uint32_t row) const {
  const auto after =
      std::upper_bound(pages_.begin(), pages_.end(), row,
                       [](uint32_t r, const PageInfo& page) { return r < page.first_row; });
  return static_cast<size_t>(after - pages_.begin()) - 1;
}

Status RawLines::Load(const std::vector<bool>& needed) {
  std::vector<PageInfo> missing;
  std::vector<size_t> at;
  for (size_t i = 0; i < pages_.size(); ++i) {
    if (!needed[i] || loaded_[i] != nullptr) continue;
    missing.push_back(pages_[i]);
    at.push_back(i);
  }
  if (missing.empty()) return absl::OkStatus();
  std::vector<PagePtr> read;
  RETURN_IF_ERROR(part_.ReadPages(missing, &read, &stats_->compressed_bytes));
  for (size_t k = 0; k < at.size(); ++k) {
    stats_->decompressed_bytes += read[k]->size();
    stats_->decompressed_rows += PageEnd(at[k]) - pages_[at[k]].first_row;
    loaded_[at[k]] = std::move(read[k]);
  }
  return absl::OkStatus();
}

std::string_view RawLines::Line(size_t page, uint32_t row) const {
  const uint64_t base = starts_[pages_[page].first_row];
  return loaded_[page]->view().substr(starts_[row] - base, starts_[row + 1] - starts_[row]);
}

void RawLines::MatchRun(const LineMatcher& matcher, size_t page, uint32_t begin, uint32_t end,
                        RowSet* matching) const {
  if (!matcher.has_candidates()) {
    for (uint32_t row = begin; row < end; ++row) {
      if (matcher.Matches(Line(page, row))) matching->Add(row);
    }
    return;
  }
  const uint64_t base = starts_[pages_[page].first_row];
  const std::string_view text = loaded_[page]->view().substr(0, starts_[end] - base);
  uint32_t row = begin;
  while (row < end) {
    const LineMatcher::Candidate hit = matcher.FindCandidate(text, starts_[row] - base);
    if (hit.offset >= text.size()) return;
    // The line that holds the hit: of several that begin at one offset, the one with bytes.
    const auto after =
        std::upper_bound(starts_.begin() + row, starts_.begin() + end, base + hit.offset);
    row = static_cast<uint32_t>(after - starts_.begin()) - 1;
    // A hit that runs on into the next line says nothing: a later one may lie within this line.
    const bool proven =
        hit.proof_size > 0 && base + hit.offset + hit.proof_size <= starts_[row + 1];
    if (proven || matcher.Matches(Line(page, row))) matching->Add(row);
    ++row;
  }
}

Status RawLines::Match(const LineMatcher& matcher, bool negate, RowSet* rows) {
  std::vector<bool> needed(pages_.size(), false);
  for (size_t page = 0; page < pages_.size(); ++page) {
    needed[page] = rows->Next(pages_[page].first_row) < PageEnd(page);
  }
  RETURN_IF_ERROR(Load(needed));
  RowSet matching(rows->size());
  for (size_t page = 0; page < pages_.size(); ++page) {
    const uint32_t page_end = PageEnd(page);
    uint32_t begin = rows->Next(pages_[page].first_row);
    while (begin < page_end) {
      uint32_t end = begin + 1;
      while (end < page_end && rows->Contains(end)) ++end;
      MatchRun(matcher, page, begin, end, &matching);
      begin = rows->Next(end);
    }
  }
  if (negate) {
    rows->Subtract(matching);
  } else {
    rows->IntersectWith(matching);
  }
  return absl::OkStatus();
}

Status RawLines::Lengths(std::span<uint32_t> lengths) {
  for (uint32_t row = 0; row < rows(); ++row) {
    lengths[row] = static_cast<uint32_t>(starts_[row + 1] - starts_[row]);
  }
  return absl::OkStatus();
}

Status RawLines::Materialise(std::span<const uint32_t> rows, std::span<std::string_view> lines) {
  if (rows.empty()) return absl::OkStatus();
  std::vector<bool> needed(pages_.size(), false);
  size_t page = PageOf(rows.front());
  for (const uint32_t row : rows) {
    while (row >= PageEnd(page)) ++page;
    needed[page] = true;
  }
  RETURN_IF_ERROR(Load(needed));
  page = PageOf(rows.front());
  for (size_t i = 0; i < rows.size(); ++i) {
    while (rows[i] >= PageEnd(page)) ++page;
    lines[i] = Line(page, rows[i]);
  }
  return absl::OkStatus();
}

}  // namespace skald::storage
