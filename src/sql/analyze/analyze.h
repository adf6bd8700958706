#pragma once

#include <span>
#include <string>
#include <vector>

#include "postgres/value.h"
#include "sql/analyze/names.h"
#include "sql/analyze/tree.h"
#include "sql/dialect/parse_tree.h"
#include "sql/dialect/view_text.h"

namespace weir::sql::analyze {

/// What analysis needs besides the text.
struct Context {
  Names& names;
  /// Literals are read by them when the statement is analysed, as PostgreSQL does.
  const postgres::Settings& settings;
  /// $1, …: none, or of these types; OID 0: by what stands around it.
  struct Parameters {
    bool allowed = false;
    std::vector<postgres::TypeRef> types = {};
  } parameters = {};
  /// Where what the query of a new view names is noted; null: nowhere.
  dialect::ViewNames* noted = nullptr;
  /// Whose body it is: names may mean its parameters; null: none's.
  const SqlFunction* function = nullptr;
  /// Whether columns that name the rows of the query's tables come behind its own: it is a cursor's.
  bool names_rows = false;
  /// Whether what functions are made of tells of the calls for which it stands (Expression::called).
  bool keeps_calls = false;
};

/// Gives a statement of `tree`, which was read from `source`, its meaning.
/// It is a SELECT, VALUES, INSERT, UPDATE, DELETE or MERGE, or CREATE VIEW, whose query is meant; any other is an
/// internal error (XX000).
/// Errors: PostgreSQL's, with their position in the source; 0A000 for what Weir does not do.
Result<AnalyzedQuery> AnalyzeStatement(const dialect::Source& source, const dialect::ParseTree& tree, int statement,
                                       const Context& context);

/// Where an expression of a definition stands.
enum class DefinitionPart {
  kCheck,
  kDefault,
  kGenerated,
  kPartitionKey,
  kPartitionBound,
  kIndexExpression,
  kIndexCondition,  // CREATE INDEX … WHERE
  kUsing,
  kCopyWhere,  // COPY … FROM … WHERE
};

/// Gives an expression of a definition its meaning: over `columns`, which are relation 0 of level 0, named `relation`.
struct DefinitionExpression {
  DefinitionPart part = DefinitionPart::kCheck;
  std::string relation = {};
  std::span<const OutputColumn> columns = {};
  /// What it is converted to by assignment (CHECK and WHERE: boolean, whatever is said here); OID 0: it keeps its own
  /// type, text for a bare literal.
  postgres::TypeRef type = {};
  std::string column = {};  // whose default or key it is, for messages
  /// The places of columns that are generated, which kGenerated and kCopyWhere do without.
  std::span<const int> generated = {};
};
Result<ExpressionPtr> AnalyzeExpression(std::string_view text, const DefinitionExpression& definition,
                                        const Context& context);

}  // namespace weir::sql::analyze
