// `| json dst="path", …`: named places of a JSON document become named labels (logql.md 5.4).
//
// The document is read leniently: broken or truncated text gives what stands before the damage, and
// text behind the document is read on.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "query/stage/json_scan.h"
#include "query/stage/parsed_labels.h"
#include "query/stage/pipeline.h"
#include "query/syntax/ast.h"

namespace skald::query {

// Threads: externally synchronised.
class JsonExtractor : public Operator {
 public:
  // InvalidArgument with the cause of the stage error.
  static StatusOr<std::unique_ptr<JsonExtractor>> Create(const std::vector<Extraction>& extractions,
                                                         ParserHints hints);

  Status Apply(Batch* batch) override;

 private:
  // All paths as one tree of fields and array indexes.
  struct Node {
    std::vector<size_t> targets;  // the extractions whose path ends here
    std::map<std::string, std::unique_ptr<Node>, std::less<>> fields;
    std::map<size_t, std::unique_ptr<Node>> elements;

    const Node* Field(std::string_view name) const;
    const Node* Element(size_t index) const;
  };

  explicit JsonExtractor(ParserHints hints) : labels_(std::move(hints)) {}
  void Parse(std::string_view line);
  // Read what stands at `*pos` and move behind it; false: nothing more can be found.
  bool ReadDocument(std::string_view text, size_t* pos);
  bool ReadObject(std::string_view text, size_t* pos, const Node& node);
  bool ReadArray(std::string_view text, size_t* pos, const Node& node);
  void ReadElements(std::string_view text, size_t pos, const Node& node);
  bool ReadMember(std::string_view text, size_t* pos, const Node* node);
  void Take(const Node& node, const JsonValue& value, std::string_view complaint);
  std::string_view LabelValue(const JsonValue& value);

  ParsedLabels labels_;
  Node root_;
  std::vector<ParsedLabels::Key*> keys_;  // one an extraction
  std::vector<char> found_;               // in the present row
  size_t missing_ = 0;                    // number of those not found
};

}  // namespace skald::query
