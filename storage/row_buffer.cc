#include "storage/row_buffer.h"

#include <utility>
#include <vector>

#include "storage/memtable/memtable.h"
#include "storage/select/tenant_snapshot.h"

namespace skald::storage {

RowBuffer::RowBuffer(std::string_view tenant)
    : tenant_(tenant), rows_(std::make_shared<Memtable>(0, 0)) {}
RowBuffer::~RowBuffer() = default;

void RowBuffer::Add(std::span<const StreamRows> rows) {
  rows_->Insert(tenant_, LogPosition{0, ++pushes_}, rows);
}

uint64_t RowBuffer::bytes() const { return rows_->bytes(); }
bool RowBuffer::empty() const { return rows_->empty(); }

std::shared_ptr<const Snapshot> RowBuffer::GetSnapshot(std::string_view) {
  std::vector<std::shared_ptr<const Memtable>> memtables = {rows_};
  return std::make_shared<TenantSnapshot>(tenant_, std::make_shared<const PartList>(),
                                          std::move(memtables), nullptr);
}

}  // namespace skald::storage
