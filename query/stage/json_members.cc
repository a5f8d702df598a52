#include "query/stage/json_members.h"

#include "query/stage/json_text.h"

namespace skald::query {

bool JsonMembers::FindKey() {
  pos_ = SkipJsonSpace(text_, pos_);
  if (!started_) {
    started_ = true;
    if (pos_ == text_.size() || text_[pos_] != '{') return Stop(kBadJsonObject);
    pos_ = SkipJsonSpace(text_, pos_ + 1);
    if (pos_ == text_.size()) return Stop(kBadJson);
    return text_[pos_] != '}';
  }
  if (pos_ == text_.size()) return Stop(kBadJsonArray);
  if (text_[pos_] == '}') return false;
  if (text_[pos_] != ',') return Stop(kBadJsonObject);
  pos_ = SkipJsonSpace(text_, pos_ + 1);
  if (pos_ == text_.size()) return Stop(kBadJsonArray);
  return text_[pos_] != '}';
}

std::string_view JsonMembers::ReadKey() {
  if (text_[pos_] != '"') return kBadJsonObject;
  bool escaped = false;
  const size_t end = FindJsonStringEnd(text_, pos_ + 1, &escaped);
  if (end == std::string_view::npos) return kBadJson;
  key_ = text_.substr(pos_ + 1, end - pos_ - 1);
  if (escaped) {
    const auto unescaped = UnescapeJson(key_, arena_);
    if (!unescaped) return kBadJsonEscape;
    key_ = *unescaped;
  }
  pos_ = SkipJsonSpace(text_, end + 1);
  if (pos_ == text_.size() || text_[pos_] != ':') return kBadJson;
  ++pos_;
  return {};
}

bool JsonMembers::Next() {
  if (!FindKey()) return false;
  complaint_ = ReadKey();
  if (complaint_.empty()) complaint_ = ReadJsonValue(text_, pos_, &value_);
  pos_ = value_.end;
  return complaint_.empty();
}

}  // namespace skald::query
