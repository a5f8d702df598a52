// One tail: runs its query over rows as they arrive, and hands the entries to its client.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "query/engine/engine.h"
#include "query/syntax/ast.h"
#include "server/api/tail_json.h"
#include "server/api/tail_queue.h"
#include "server/http/websocket.h"
#include "storage/base/clock.h"
#include "storage/base/memory_budget.h"
#include "storage/base/mutex.h"
#include "storage/base/status.h"
#include "storage/model/stream.h"
#include "storage/reader.h"

namespace skald::api {

struct TailOptions {
  std::string tenant;
  query::Query query;  // a log query
  TailFormat format;
  query::QueryLimits limits;
  int64_t delay_nanos = 0;                 // entries wait so long for others with earlier times
  int64_t deadline_nanos = 0;              // monotonic; the tail ends then
  MemoryBudget* memory = nullptr;          // charged for what queries hold
  MemoryBudget* waiting_memory = nullptr;  // charged for entries that wait
  const Clock* clock = Clock::Real();
};

// A row that no query has seen, because too many had arrived.
struct DroppedRow {
  int64_t time = 0;  // ns
  StreamPtr stream;
};

// Threads: thread-safe; Deliver is called by one thread at a time.
class Tail {
 public:
  explicit Tail(TailOptions options);

  const std::string& tenant() const { return options_.tenant; }
  const TailFormat& format() const { return options_.format; }
  const query::Query& query() const { return options_.query; }
  // True if the selector has the stream.
  bool Wants(const Stream& stream) const;

  // Begins with entries that were stored before, oldest first. What was delivered until now follows
  // them, without entries that the backlog has already.
  void Begin(std::vector<TailEntry> backlog);

  // Runs the query over rows that arrived (null: none), tells of rows that were dropped, and lets
  // the client have what has waited long enough. Where memory runs out the rows are dropped.
  void Deliver(storage::Reader* arrived, std::span<const DroppedRow> dropped);

  // Ends the tail with an error, once what waits has been sent.
  void Fail(const Status& error);

  // The client's side, as WebSocketSource has it. Before Open nothing is asked for.
  void Open(std::function<void()> wake);
  std::optional<std::string> NextMessage();
  std::optional<http::WebSocketClose> Ending();
  // The client is gone: no wake is called any more.
  void Detach();

 private:
  // Deliver, but for what it throws.
  Status TryDeliver(storage::Reader* arrived, std::span<const DroppedRow> dropped);
  // Tells the client that all rows of the query's streams were dropped.
  Status Drop(storage::Reader* arrived, std::span<const DroppedRow> dropped);
  Status DropUnit(const storage::Selection& selection, size_t unit) SKALD_REQUIRES(mutex_);
  void NoteDropped(std::span<const DroppedRow> rows) SKALD_REQUIRES(mutex_);
  // What every turn ends with: rows that were dropped are told of, what has waited long enough
  // goes to the client, and the tail ends when its time is over.
  void EndTurn(int64_t now, std::span<const DroppedRow> dropped) SKALD_REQUIRES(mutex_);
  // What the query finds: `limit` entries at most, fewer where memory does not suffice.
  StatusOr<ChargedEntries> FindEntries(storage::Reader* arrived, size_t limit) const;
  StatusOr<ChargedEntries> RunQuery(storage::Reader* arrived, size_t limit) const;
  // Takes one entry equal to `entry` out of the backlog that is remembered.
  bool WasInBacklog(const TailEntry& entry) SKALD_REQUIRES(mutex_);
  void End(http::WebSocketClose close) SKALD_REQUIRES(mutex_);
  void Wake() SKALD_REQUIRES(mutex_);

  const TailOptions options_;
  mutable Mutex mutex_;
  TailQueue queue_ SKALD_GUARDED_BY(mutex_);
  bool begun_ SKALD_GUARDED_BY(mutex_) = false;
  // How often the backlog has each entry, as long as arriving entries may be among them.
  absl::flat_hash_map<uint64_t, uint32_t> backlog_ SKALD_GUARDED_BY(mutex_);
  int64_t backlog_until_ SKALD_GUARDED_BY(mutex_) = 0;  // monotonic ns
  std::optional<http::WebSocketClose> ending_ SKALD_GUARDED_BY(mutex_);
  std::function<void()> wake_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::api
