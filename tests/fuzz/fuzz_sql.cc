#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "postgres/error.h"
#include "sql/dialect/parser.h"

/// No text breaks the parser. An error has a SQLSTATE and a position in the text; a statement parses again as the same
/// kind.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto statements = weir::sql::Parse(text);
  if (!statements.ok()) {
    const weir::postgres::ErrorFields fields = weir::postgres::FieldsOf(statements.status());
    const bool in_text = fields.position >= 0 && static_cast<size_t>(fields.position) <= size + 1;
    if (fields.sqlstate.size() != 5 || fields.message.empty() || !in_text) std::abort();
    return 0;
  }
  for (const weir::sql::Statement& statement : *statements) {
    const auto again = weir::sql::Parse(statement.text);
    if (!again.ok() || again->size() != 1 || again->front().action.index() != statement.action.index()) std::abort();
  }
  return 0;
}
