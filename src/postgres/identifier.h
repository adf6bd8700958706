#pragma once

#include <span>
#include <string>
#include <string_view>

namespace weir::postgres {

/// The kind of a word in PostgreSQL's grammar (pg_get_keywords().catcode).
enum class KeywordKind : char { kUnreserved = 'U', kColumnName = 'C', kTypeOrFunctionName = 'T', kReserved = 'R' };

struct Keyword {
  std::string_view word;  // lower case
  KeywordKind kind;
  bool bare_label;  // may be a column's label without AS
};

/// In the order of their words.
std::span<const Keyword> AllKeywords();
/// Null for what is none; `word` is lower case.
const Keyword* FindKeyword(std::string_view word);

/// quote_ident(): in double quotes unless it is lower case and no keyword but an unreserved one.
std::string QuoteIdentifier(std::string_view name);
/// quote_literal(): in single quotes, with E where it has backslashes.
std::string QuoteLiteral(std::string_view text);
/// An unquoted identifier's letters A to Z made small, as PostgreSQL's scanner does.
std::string FoldIdentifier(std::string_view name);
/// Whether `word`, which was cut to a name's length (value/character.h), means what is called `name`, which may be
/// longer where no statement has made it.
bool IsMeant(std::string_view word, std::string_view name);

}  // namespace weir::postgres
