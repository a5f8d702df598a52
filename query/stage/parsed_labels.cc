#include "query/stage/parsed_labels.h"

#include <algorithm>

#include "query/stage/label_name.h"

namespace skald::query {
namespace {

// Keys are remembered from batch to batch up to this number.
constexpr size_t kMaxRememberedKeys = 5000;
// ... and until they take this part of what the rows of a batch may take.
constexpr size_t kMemoryShare = 8;
// What it takes to look at one name of those needed, as bytes of a line do.
constexpr uint64_t kNameWork = 8;
// What a key or a target takes beside its text, with its place in the index.
constexpr size_t kKeyBytes = sizeof(ParsedLabels::Key) + 64;
constexpr size_t kTargetBytes = sizeof(ParsedLabels::Target) + 96;

// Appends the flattened name of a key, which lies no deeper than parsers go.
void AppendNameOf(const ParsedLabels::Key* key, std::string* name) {
  if (key->parent != nullptr) AppendNameOf(key->parent, name);
  AppendLabelPart(key->text, name);
}

}  // namespace

ParsedLabels::ParsedLabels(ParserHints hints) : hints_(std::move(hints)) {
  root_.blank = true;
  ignored_.matters = false;
  ignored_.plain = &ignored_target_;
}

void ParsedLabels::Begin(Batch* batch) {
  batch_ = batch;
  ++epoch_;
  grown_ = absl::OkStatus();
  const size_t room = batch->max_memory() / kMemoryShare;
  if (key_index_.size() > kMaxRememberedKeys || (!key_index_.empty() && bytes_ > room)) {
    Forget(room / 2);
  }
  batch->CountMemory(bytes_);
  if (hints_.needed && needed_targets_.empty()) {
    for (const std::string& name : *hints_.needed) needed_targets_.push_back(TargetOf(name));
  }
  for (Target* target : needed_targets_) Bind(target);
  fields_answer_ = hints_.takes_fields && !batch->fields.answered.empty();
  if (fields_answer_ && field_keys_.empty()) {
    for (const std::string& name : *hints_.needed) field_keys_.push_back(Named(name));
  }
}

void ParsedLabels::Forget(size_t kept_bytes) {
  key_index_.clear();
  target_index_.clear();
  used_keys_ = 0;
  used_targets_ = 0;
  needed_targets_.clear();
  field_keys_.clear();
  root_.next = ignored_.next = nullptr;
  const size_t kept = kept_bytes / (kKeyBytes + kTargetBytes);
  if (keys_.size() > kept) keys_.resize(kept);
  if (targets_.size() > kept) targets_.resize(kept);
  for (auto& key : keys_) key = std::make_unique<Key>();
  for (auto& target : targets_) target = std::make_unique<Target>();
  bytes_ = keys_.size() * kKeyBytes + targets_.size() * kTargetBytes;
}

ParsedLabels::Key* ParsedLabels::NewKey() {
  if (used_keys_ == keys_.size()) {
    keys_.push_back(std::make_unique<Key>());
    CountBytes(kKeyBytes);
  }
  return keys_[used_keys_++].get();
}

ParsedLabels::Target* ParsedLabels::NewTarget() {
  if (used_targets_ == targets_.size()) {
    targets_.push_back(std::make_unique<Target>());
    CountBytes(kTargetBytes);
  }
  return targets_[used_targets_++].get();
}

bool ParsedLabels::BeginRow(uint32_t row) {
  row_ = row;
  last_ = &root_;
  dropped_ = false;
  if (!hints_.needed) return true;
  batch_->CountWork(needed_targets_.size() * kNameWork);
  missing_ = 0;
  for (const Target* target : needed_targets_) {
    missing_ += target->cells == nullptr || IsAbsent(target->cells[row]);
  }
  return missing_ > 0 || hints_.whole_lines;
}

bool ParsedLabels::SetFields() {
  for (size_t i = 0; i < field_keys_.size(); ++i) {
    const std::string_view value = batch_->fields.columns[i][row_];
    if (IsAbsent(value)) continue;
    Target* const target = Wanted(field_keys_[i]);
    if (target != nullptr && Set(target, value) == ParseNext::kDone) break;
  }
  return true;
}

ParsedLabels::Key* ParsedLabels::Find(Key* parent, std::string_view text) {
  const auto found = key_index_.find({parent, text});
  if (found != key_index_.end()) return found->second;
  if (parent == &ignored_) return &ignored_;
  const bool matters = parent->matters && MayMatter(parent, text);
  if (!matters && key_index_.size() >= kMaxRememberedKeys) return &ignored_;
  Key* key = NewKey();
  key->parent = parent;
  key->text = text;
  key->blank = parent->blank && IsBlankPart(text);
  key->matters = matters;
  if (!matters) key->plain = &ignored_target_;
  key_index_.emplace(std::pair<const Key*, std::string_view>(parent, key->text), key);
  CountBytes(key->text.size());
  if (grown_.ok()) grown_ = batch_->Check();
  return key;
}

bool ParsedLabels::MayMatter(const Key* parent, std::string_view text) {
  if (!hints_.needed) return true;
  name_.clear();
  AppendNameOf(parent, &name_);
  AppendLabelPart(text, &name_);
  const std::string_view name = name_;
  if (name.empty()) return true;
  batch_->CountWork(hints_.needed->size() * kNameWork);
  return std::any_of(hints_.needed->begin(), hints_.needed->end(), [&](std::string_view needed) {
    return needed.starts_with(name) && (needed.size() == name.size() || needed[name.size()] == '_');
  });
}

ParsedLabels::Target* ParsedLabels::TargetOf(const Key* key) {
  name_.clear();
  AppendNameOf(key, &name_);
  return TargetOf(name_);
}

ParsedLabels::Target* ParsedLabels::TargetOf(std::string_view name) {
  if (const auto known = target_index_.find(name); known != target_index_.end()) {
    return known->second;
  }
  Target* target = NewTarget();
  target->name = name;
  target->needed = !hints_.needed || std::find(hints_.needed->begin(), hints_.needed->end(),
                                               name) != hints_.needed->end();
  for (const ParserHints::EarlyTest& early : hints_.early_tests) {
    if (early.name == name) target->tests.push_back(early.test.get());
  }
  target_index_.emplace(target->name, target);
  CountBytes(target->name.size());
  return target;
}

void ParsedLabels::CountBytes(size_t bytes) {
  bytes_ += bytes;
  if (batch_ != nullptr) batch_->CountMemory(bytes);
}

void ParsedLabels::Bind(Target* target) {
  if (target->epoch == epoch_) return;
  target->epoch = epoch_;
  target->cells = nullptr;
  if (batch_->Find(target->name, LabelCategory::kParsed) != nullptr) {
    target->cells = batch_->Writable(target->name, LabelCategory::kParsed).data();
  }
}

void ParsedLabels::Bind(Key* key) {
  key->epoch = epoch_;
  key->stream = UINT32_MAX;
  const LabelColumn* metadata = batch_->Find(key->plain->name, LabelCategory::kMetadata);
  key->has_metadata = metadata != nullptr;
  if (metadata != nullptr) key->metadata = metadata->cells;
  Bind(key->plain);
  if (key->extracted != nullptr) Bind(key->extracted);
}

// A metadata label that a parsed one has replaced is no conflict.
bool ParsedLabels::Conflicts(Key* key) {
  if (key->epoch != epoch_) Bind(key);
  const uint32_t stream = batch_->stream_of[row_];
  if (key->stream != stream) {
    key->stream = stream;
    key->is_stream_label = batch_->stream(row_).labels.Has(key->plain->name);
  }
  if (key->is_stream_label) return true;
  if (!key->has_metadata || HasNoValue(key->metadata[row_])) return false;
  return key->plain->cells == nullptr || IsAbsent(key->plain->cells[row_]);
}

ParsedLabels::Key* ParsedLabels::Named(std::string_view name) {
  Key* key = NewKey();
  key->text = name;
  key->plain = TargetOf(key->text);
  return key;
}

ParsedLabels::Target* ParsedLabels::Place(Key* key) {
  if (!Conflicts(key)) return key->plain;
  if (key->extracted == nullptr) {
    key->extracted = TargetOf(StrCat(key->plain->name, kExtractedSuffix));
  }
  Bind(key->extracted);
  return key->extracted;
}

bool ParsedLabels::HasLabel(Key* key) {
  // Without a conflict only a parsed label can have the name.
  if (!Conflicts(key)) return !HasNoValue(ValueOf(key->plain));
  return !IsAbsent(LabelReader(*batch_, key->plain->name)(row_));
}

// `x` is needed wherever `x_extracted` is.
ParsedLabels::Target* ParsedLabels::Wanted(Key* key) {
  if (key->plain == nullptr) key->plain = TargetOf(key);
  if (!key->plain->needed) return nullptr;
  Target* target = Place(key);
  if (!target->needed) return nullptr;
  if (target->cells != nullptr && !IsAbsent(target->cells[row_])) return nullptr;
  return target;
}

ParseNext ParsedLabels::Set(Target* target, std::string_view value) {
  if (target->cells == nullptr) {
    target->cells = batch_->Writable(target->name, LabelCategory::kParsed).data();
    if (grown_.ok()) grown_ = batch_->Check();
  }
  if (IsAbsent(value)) value = PresentEmpty();
  target->cells[row_] = value;
  for (const LabelTest* test : target->tests) {
    const Verdict verdict = test->Judge(value);
    if (verdict == Verdict::kDrop) {
      dropped_ = true;
      return ParseNext::kDone;
    }
    if (verdict == Verdict::kFailed && IsAbsent(batch_->error(row_))) {
      batch_->SetError(row_, kLabelFilterError);
      batch_->SetErrorDetails(row_, batch_->arena()->Copy(test->FailureOf(value)));
    }
  }
  if (!grown_.ok()) return ParseNext::kDone;
  if (!hints_.needed || hints_.whole_lines) return ParseNext::kGoOn;
  return --missing_ == 0 ? ParseNext::kDone : ParseNext::kGoOn;
}

void ParsedLabels::SetError(std::string_view error, std::string_view details) {
  batch_->SetError(row_, error);
  if (!IsAbsent(details)) batch_->SetErrorDetails(row_, details);
  if (hints_.preserve_errors) {
    batch_->Writable(kPreserveErrorLabel, LabelCategory::kParsed)[row_] = "true";
  }
}

}  // namespace skald::query
