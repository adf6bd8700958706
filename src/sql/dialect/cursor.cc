#include "sql/dialect/cursor.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/error.h"

namespace weir::sql::dialect {

std::string_view StatementSource::Slice(Tokens part) const {
  if (part.empty()) return {};
  return source->text().substr(part.front().begin, part.back().end - part.front().begin);
}

int StatementSource::Position(const Token& token) const {
  return source->CharactersBefore(token.begin) - source->CharactersBefore(begin()) + 1;
}

Expression StatementSource::ExpressionOf(Tokens part) const {
  if (part.empty()) return {};
  return {.text = std::string(Slice(part)), .position = Position(part.front())};
}

const Token& Cursor::Peek(size_t ahead) const {
  if (at_ + ahead < tokens_.size()) return tokens_[at_ + ahead];
  // A part of a statement ends before the statement's next token.
  const Tokens all = statement_->tokens;
  const size_t past = static_cast<size_t>(tokens_.data() + tokens_.size() - all.data());
  return past < all.size() ? all[past] : statement_->end;
}

const Token& Cursor::Next() {
  const Token& token = Peek();
  if (!AtEnd()) ++at_;
  return token;
}

bool Cursor::IsAt(std::initializer_list<std::string_view> words) const {
  if (tokens_.size() - at_ < words.size()) return false;
  return std::equal(words.begin(), words.end(), tokens_.begin() + static_cast<std::ptrdiff_t>(at_),
                    [](std::string_view word, const Token& token) { return token.Is(word); });
}

bool Cursor::Try(std::initializer_list<std::string_view> words) {
  if (!IsAt(words)) return false;
  at_ += words.size();
  return true;
}

bool Cursor::TrySymbol(std::string_view symbol) {
  if (AtEnd() || !Peek().IsSymbol(symbol)) return false;
  ++at_;
  return true;
}

Status Cursor::Expect(std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) {
    if (!Try(word)) return SyntaxError();
  }
  return Status::OK();
}

Status Cursor::ExpectSymbol(std::string_view symbol) { return TrySymbol(symbol) ? Status::OK() : SyntaxError(); }

Status Cursor::ExpectEnd() { return AtEnd() ? Status::OK() : SyntaxError(); }

Result<std::string> Cursor::Name() {
  if (!AtEnd() && Peek().reserved == Reserved::kFully) return SyntaxError();
  return AnyName();
}

Result<std::string> Cursor::AnyName() {
  const TokenKind kind = AtEnd() ? TokenKind::kEnd : Peek().kind;
  if (kind != TokenKind::kWord && kind != TokenKind::kQuotedName) return SyntaxError();
  return NameOf(Next());
}

Result<std::string> Cursor::DottedName() {
  std::string name;
  do {
    WEIR_ASSIGN_OR_RETURN(const std::string part, AnyName());
    name += (name.empty() ? "" : ".") + part;
  } while (TrySymbol("."));
  return name;
}

Result<QualifiedName> Cursor::Qualified() {
  const Token& first = Peek();
  const size_t begin = at_;
  std::vector<std::string> parts;
  do {
    WEIR_ASSIGN_OR_RETURN(std::string part, parts.empty() ? Name() : AnyName());
    parts.push_back(std::move(part));
  } while (TrySymbol("."));
  if (parts.size() > 3) {
    const std::string written(statement_->Slice(Since(begin)));
    return ErrorAt(first, "42601", fmt::format("improper qualified name (too many dotted names): {}", written));
  }
  QualifiedName name{.position = statement_->Position(first)};
  name.name = std::move(parts.back());
  if (parts.size() > 1) name.schema = std::move(parts[parts.size() - 2]);
  if (parts.size() > 2) name.database = std::move(parts.front());
  return name;
}

Result<std::vector<std::string>> Cursor::Names() {
  std::vector<std::string> names;
  WEIR_RETURN_NOT_OK(ExpectSymbol("("));
  do {
    WEIR_ASSIGN_OR_RETURN(std::string name, Name());
    names.push_back(std::move(name));
  } while (TrySymbol(","));
  WEIR_RETURN_NOT_OK(ExpectSymbol(")"));
  return names;
}

Result<Tokens> Cursor::Parenthesized() {
  WEIR_RETURN_NOT_OK(ExpectSymbol("("));
  const size_t begin = at_;
  for (int depth = 1; !AtEnd(); ++at_) {
    depth += DepthChange(tokens_[at_]);
    if (depth == 0) {
      ++at_;
      return tokens_.subspan(begin, at_ - 1 - begin);
    }
  }
  return SyntaxError();
}

Status Cursor::SyntaxErrorAt(const Token& token) const {
  if (token.kind == TokenKind::kEnd) return ErrorAt(token, "42601", "syntax error at end of input");
  return ErrorAt(token, "42601", fmt::format("syntax error at or near \"{}\"", token.text));
}

Status Cursor::ErrorAt(const Token& token, std::string_view sqlstate, std::string message, std::string hint) const {
  return Error(sqlstate, std::move(message),
               {.hint = std::move(hint), .position = statement_->source->Position(token.begin)});
}

Status Cursor::Refuse(const Token& token, std::string_view what, std::string hint) const {
  const bool plural = what.ends_with("s") && !what.ends_with("ss");
  return ErrorAt(token, "0A000", fmt::format("{} {} not supported", what, plural ? "are" : "is"), std::move(hint));
}

int DepthChange(const Token& token, bool cases) {
  if (token.kind == TokenKind::kSymbol && token.text.size() == 1) {
    if (token.text == "(" || token.text == "[") return 1;
    if (token.text == ")" || token.text == "]") return -1;
  }
  if (cases && token.Is("case")) return 1;
  if (cases && token.Is("end")) return -1;
  return 0;
}

std::vector<Tokens> SplitAtCommas(Tokens tokens) {
  std::vector<Tokens> parts;
  if (tokens.empty()) return parts;
  int depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    depth += DepthChange(tokens[i]);
    if (depth != 0 || !tokens[i].IsSymbol(",")) continue;
    parts.push_back(tokens.subspan(begin, i - begin));
    begin = i + 1;
  }
  parts.push_back(tokens.subspan(begin));
  return parts;
}

size_t FindWord(Tokens tokens, std::initializer_list<std::string_view> words, size_t from) {
  int depth = 0;
  for (size_t i = from; i < tokens.size(); ++i) {
    depth += DepthChange(tokens[i]);
    const auto is = [&](std::string_view word) { return tokens[i].Is(word); };
    if (depth == 0 && std::any_of(words.begin(), words.end(), is)) return i;
  }
  return tokens.size();
}

}  // namespace weir::sql::dialect
