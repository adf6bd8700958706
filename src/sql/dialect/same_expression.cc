#include "sql/dialect/same_expression.h"

#include <pg_query.h>

#include <optional>

namespace weir::sql::dialect {

namespace {

constexpr size_t kLongestCompared = 4000;  // longer ones may be nested too deep for libpg_query

/// As libpg_query writes its tree; nothing where it does not read it.
std::optional<std::string> Rewritten(const std::string& expression) {
  const PgQueryProtobufParseResult parsed = pg_query_parse_protobuf(("SELECT " + expression).c_str());
  std::optional<std::string> text;
  if (parsed.error == nullptr) {
    const PgQueryDeparseResult written = pg_query_deparse_protobuf(parsed.parse_tree);
    if (written.error == nullptr) text = written.query;
    pg_query_free_deparse_result(written);
  }
  pg_query_free_protobuf_parse_result(parsed);
  return text;
}

}  // namespace

bool IsSameExpression(const std::string& a, const std::string& b) {
  if (a == b) return true;
  if (a.size() > kLongestCompared || b.size() > kLongestCompared) return false;
  const std::optional<std::string> text = Rewritten(a);
  return text && text == Rewritten(b);
}

}  // namespace weir::sql::dialect
