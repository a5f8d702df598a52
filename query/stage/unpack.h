// `| unpack`: undoes Promtail's pack stage: the line becomes the object's `_entry`, its other
// strings become labels (logql.md 5.8).
#pragma once

#include <string_view>
#include <vector>

#include "query/stage/parsed_labels.h"
#include "query/stage/pipeline.h"

namespace skald::query {

// Threads: externally synchronised.
class Unpacker : public Operator {
 public:
  explicit Unpacker(ParserHints hints) : labels_(std::move(hints)) {}

  Status Apply(Batch* batch) override;

 private:
  struct Member {
    std::string_view key;
    std::string_view value;
  };

  void Unpack(std::string_view line);
  // Fills members_ and entry_; returns the complaint.
  std::string_view ReadMembers(std::string_view line);

  ParsedLabels labels_;
  std::vector<Member> members_;  // of the row at hand
  std::string_view entry_;
};

}  // namespace skald::query
