// The tokens of a template with up to three of them put back.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "query/template/template_lexer.h"

namespace skald::query {

// References handed out live until the next call. Threads: externally synchronised.
class TokenReader {
 public:
  // `text` outlives this.
  explicit TokenReader(std::string_view text) : lexer_(text) {}

  const TemplateItem& Next() {
    if (waiting_ > 0) {
      --waiting_;
    } else {
      items_[0] = lexer_.Next();
    }
    return items_[waiting_];
  }
  const TemplateItem& NextNonSpace() {
    while (Next().token == TemplateToken::kSpace) {
    }
    return items_[waiting_];
  }

  const TemplateItem& Peek() {
    if (waiting_ == 0) {
      waiting_ = 1;
      items_[0] = lexer_.Next();
    }
    return items_[waiting_ - 1];
  }
  // Drops the spaces before it.
  const TemplateItem& PeekNonSpace() {
    const TemplateItem& item = NextNonSpace();
    Backup();
    return item;
  }

  // Puts the last token back; Backup2 and Backup3 also those read before it, oldest first.
  void Backup() { ++waiting_; }
  void Backup2(TemplateItem first) {
    items_[1] = std::move(first);
    waiting_ = 2;
  }
  void Backup3(TemplateItem first, TemplateItem second) {
    items_[1] = std::move(second);
    items_[2] = std::move(first);
    waiting_ = 3;
  }

  // The line of the token read last from the text, which messages name.
  int line() const { return items_[0].line; }

 private:
  TemplateLexer lexer_;
  std::array<TemplateItem, 3> items_;
  size_t waiting_ = 0;  // items put back: items_[waiting_ - 1] comes next
};

}  // namespace skald::query
