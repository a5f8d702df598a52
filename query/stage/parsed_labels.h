// Where parsers put what they find: keys of lines become parsed labels of the batch.
//
// Holds the rules that all parsers share (logql.md 5.1): sanitised names, `_extracted` on conflict
// with a stream label or structured metadata, first writer wins, removed labels stay removed. It
// also holds the plan's hints (5.10): only needed labels are kept, a row is done once it has all of
// them, unless a mistake further on would matter, and a row is dropped as soon as a label fails a
// condition that a later stage would apply.
//
// A known key costs little: lines of one kind repeat their keys in one order, so the key after the
// last one is guessed and compared; only a wrong guess takes a hash lookup.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/batch/batch.h"
#include "query/stage/label_test.h"

namespace skald::query {

struct ParserHints {
  // A condition that a later stage applies to a label that nothing changes on the way there.
  struct EarlyTest {
    std::string name;
    std::shared_ptr<const LabelTest> test;
  };

  // The labels that the rest of the query reads, `x` too where it reads `x_extracted`; absent: all.
  std::optional<std::vector<std::string>> needed;
  // Lines are read to their end for the mistakes in them, all labels found or not.
  bool whole_lines = false;
  std::vector<EarlyTest> early_tests;
  // Mark rows in error with kPreserveErrorLabel.
  bool preserve_errors = false;
  // The batch's `fields` are columns of the labels needed: rows that they answer are not parsed.
  bool takes_fields = false;
};

// What a parser must do after it has set a label.
enum class ParseNext : uint8_t {
  kGoOn,
  kDone,  // the row has all it needs, or is dropped: leave the rest of the line
};

// Threads: externally synchronised; one per parser.
class ParsedLabels {
 public:
  // A label of the batch that parsers may set.
  struct Target {
    std::string name;
    bool needed = true;
    std::vector<const LabelTest*> tests;
    // Within the batch of this epoch: the cells, null while there is no column.
    uint64_t epoch = 0;
    std::string_view* cells = nullptr;
  };

  // A key as it stands in lines, below the object it stands in.
  struct Key {
    const Key* parent = nullptr;
    std::string text;
    Target* plain = nullptr;  // made when first wanted, as is `extracted`
    Target* extracted = nullptr;
    bool blank = false;   // nothing but white space, all above it too
    bool matters = true;  // it may make a needed label, or one below it may
    Key* next = nullptr;  // what followed it last time
    uint64_t epoch = 0;
    bool has_metadata = false;
    StringColumn metadata;
    uint32_t stream = UINT32_MAX;
    bool is_stream_label = false;
  };

  explicit ParsedLabels(ParserHints hints);

  // Calls parse(line) for every selected row that still needs labels, and removes the rows that an
  // early test dropped from the selection. Errors as Batch::Check.
  template <typename Parse>
  Status ForEachRow(Batch* batch, Parse&& parse) {
    Begin(batch);
    size_t kept = 0;
    for (const uint32_t row : batch->selection) {
      if (BeginRow(row) && !TakeFields()) parse(batch->lines[row]);
      RETURN_IF_ERROR(grown_);
      RETURN_IF_ERROR(batch->CheckAfter(row));
      if (!dropped_) batch->selection[kept++] = row;
    }
    batch->selection.resize(kept);
    return absl::OkStatus();
  }

  // The functions below are for `parse`, about the row at hand.
  Batch* batch() const { return batch_; }
  uint32_t row() const { return row_; }

  Key* root() { return &root_; }
  // The key `text` of an object; of the line itself when `parent` is root().
  Key* Child(Key* parent, std::string_view text) {
    Key* guess = last_->next;
    if (guess == nullptr || guess->parent != parent || guess->text != text) {
      guess = Find(parent, text);
      last_->next = guess;
    }
    last_ = guess;
    return guess;
  }

  // False once the batch may not grow on: parsers that make keys without setting them stop.
  bool may_go_on() const { return grown_.ok(); }

  // Where the value of a key goes; null if nobody wants it or the label is set already.
  Target* Wanted(Key* key);
  // Sets a label that Wanted() returned. `value` must live as long as the batch's rows.
  ParseNext Set(Target* target, std::string_view value);

  // For stages whose targets are named in the query. The key of exactly this name, for good.
  Key* Named(std::string_view name);
  // True if the row has a stream or metadata label of the key's name.
  bool Conflicts(Key* key);
  // True if the row has, now, a label of the key's name in any category.
  bool HasLabel(Key* key);
  // Where the value of a key goes, whether it is set already or not.
  Target* Place(Key* key);
  // The value that a label returned by Place() has in the row; kAbsent or kRemoved for none.
  std::string_view ValueOf(const Target* target) const {
    return target->cells == nullptr ? kAbsent : target->cells[row_];
  }

  // True if the row has, or had and lost, a parsed label of this name.
  bool IsParsed(std::string_view name) const {
    const LabelColumn* column = std::as_const(*batch_).Find(name, LabelCategory::kParsed);
    return column != nullptr && !IsAbsent(column->cells[row_]);
  }

  // Puts the row into error, in place of any error before; without details those before stay.
  void SetError(std::string_view error, std::string_view details);

 private:
  void Begin(Batch* batch);
  bool BeginRow(uint32_t row);
  // Sets the row's labels from the batch's fields; false if those do not answer it.
  bool TakeFields() {
    return fields_answer_ && batch_->fields.answered.Contains(row_) && SetFields();
  }
  bool SetFields();
  Key* Find(Key* parent, std::string_view text);
  // True if the key makes a needed label, or one below it may.
  bool MayMatter(const Key* parent, std::string_view text);
  Target* TargetOf(std::string_view name);
  // The target of the key's flattened name, which nothing else keeps: the names of many keys below
  // one of a long name would take far more than the line.
  Target* TargetOf(const Key* key);
  // A key or target as it is first made; those that were forgotten, and are empty, are used again.
  Key* NewKey();
  Target* NewTarget();
  // Forgets all keys and targets, and keeps so many bytes of them to be used again.
  void Forget(size_t kept_bytes);
  void CountBytes(size_t bytes);
  // Looks up the target's column in the present batch.
  void Bind(Target* target);
  void Bind(Key* key);

  ParserHints hints_;
  Batch* batch_ = nullptr;
  uint32_t row_ = 0;
  uint64_t epoch_ = 0;
  size_t missing_ = 0;  // needed labels that the row does not have yet
  bool dropped_ = false;
  Status grown_;  // whether the batch may grow on, since it got its last column or key

  Key root_;
  Key ignored_;  // stands for keys that do not matter, once many are remembered
  Target ignored_target_{.name = {}, .needed = false, .tests = {}};
  std::string name_;  // scratch
  Key* last_ = &root_;
  std::vector<std::unique_ptr<Key>> keys_;
  std::vector<std::unique_ptr<Target>> targets_;
  size_t used_keys_ = 0;     // of keys_, the first ones
  size_t used_targets_ = 0;  // of targets_
  size_t bytes_ = 0;         // that all of them take
  absl::flat_hash_map<std::pair<const Key*, std::string_view>, Key*> key_index_;
  absl::flat_hash_map<std::string_view, Target*> target_index_;  // by their names
  std::vector<Target*> needed_targets_;
  std::vector<Key*> field_keys_;  // of the labels needed
  bool fields_answer_ = false;    // rows of the present batch
};

}  // namespace skald::query
