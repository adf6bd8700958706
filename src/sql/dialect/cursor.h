#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sql/dialect/source.h"
#include "sql/dialect/statement.h"
#include "sql/dialect/token.h"
#include "weir/status.h"

namespace weir::sql::dialect {

using Tokens = std::span<const Token>;

/// One statement's place in the text.
struct StatementSource {
  const Source* source = nullptr;
  Tokens tokens;  // without the semicolon
  Token end;      // the semicolon, or a token without text where the text ends

  size_t begin() const { return tokens.front().begin; }
  /// The bytes of the statement.
  std::string_view text() const { return Slice(tokens); }
  /// From the first of some tokens to the end of the last; empty for none.
  std::string_view Slice(Tokens part) const;
  /// Of a statement's parts: in characters of the statement from 1.
  int Position(const Token& token) const;
  /// An expression as it is written.
  Expression ExpressionOf(Tokens part) const;
};

/// Walks over the tokens of a statement or of a part of it. Past the end it stands on an end token.
class Cursor {
 public:
  Cursor(const StatementSource& statement, Tokens tokens) : statement_(&statement), tokens_(tokens) {}
  explicit Cursor(const StatementSource& statement) : Cursor(statement, statement.tokens) {}

  const StatementSource& statement() const { return *statement_; }
  const Token& Peek(size_t ahead = 0) const;
  /// The token under the cursor, which it passes.
  const Token& Next();
  bool AtEnd() const { return at_ >= tokens_.size(); }
  size_t at() const { return at_; }
  void Seek(size_t at) { at_ = at; }
  Tokens Rest() const { return tokens_.subspan(at_); }
  Tokens Since(size_t begin) const { return tokens_.subspan(begin, at_ - begin); }
  int Position() const { return statement_->Position(Peek()); }

  bool IsAt(std::initializer_list<std::string_view> words) const;
  /// Passes these words when all of them come now.
  bool Try(std::initializer_list<std::string_view> words);
  bool Try(std::string_view word) { return Try({word}); }
  bool TrySymbol(std::string_view symbol);
  Status Expect(std::initializer_list<std::string_view> words);
  Status Expect(std::string_view word) { return Expect({word}); }
  Status ExpectSymbol(std::string_view symbol);
  Status ExpectEnd();

  /// An identifier; a keyword counts as one unless it is reserved.
  Result<std::string> Name();
  /// An identifier or any word.
  Result<std::string> AnyName();
  /// A parameter's name, of any number of words: sql.stats.
  Result<std::string> DottedName();
  /// name, schema.name or database.schema.name.
  Result<QualifiedName> Qualified();
  /// A list of names in parentheses.
  Result<std::vector<std::string>> Names();
  /// What the parentheses under the cursor hold; it passes them.
  Result<Tokens> Parenthesized();

  /// "syntax error at or near …" for the token under the cursor.
  Status SyntaxError() const { return SyntaxErrorAt(Peek()); }
  Status SyntaxErrorAt(const Token& token) const;
  /// An error with the position of a token.
  Status ErrorAt(const Token& token, std::string_view sqlstate, std::string message, std::string hint = {}) const;
  /// 0A000 "<what> is not supported".
  Status Refuse(const Token& token, std::string_view what, std::string hint = {}) const;

 private:
  const StatementSource* statement_;
  Tokens tokens_;
  size_t at_ = 0;
};

/// Tokens in this range that open, less those that close: parentheses, brackets, and CASE … END where asked for.
int DepthChange(const Token& token, bool cases = false);
/// The parts between the commas outside of parentheses; none for no tokens.
std::vector<Tokens> SplitAtCommas(Tokens tokens);
/// The first of these words outside of parentheses; the size when there is none.
size_t FindWord(Tokens tokens, std::initializer_list<std::string_view> words, size_t from = 0);

}  // namespace weir::sql::dialect
