#include "sql/session/client_drop.h"

#include <arrow/record_batch.h>
#include <fmt/format.h>

#include "postgres/identifier.h"
#include "sql/catalog/fluss_name.h"
#include "sql/session.h"

namespace weir::sql {
namespace {

Status RunInASession(const std::shared_ptr<Gateway>& gateway, const std::string& database_name,
                     const std::string& text) {
  WEIR_ASSIGN_OR_RETURN(const auto database, Database::Open(gateway));
  SessionOptions options;
  options.database = database_name;
  options.parameters = {{"lock_timeout", "10s"}};
  WEIR_ASSIGN_OR_RETURN(const auto session, database->Connect(options));
  WEIR_ASSIGN_OR_RETURN(const auto statements, session->Parse(text));
  for (const Statement& statement : statements) {
    WEIR_ASSIGN_OR_RETURN(const auto result, session->Run(statement));
    for (bool more = true; more;) {
      WEIR_ASSIGN_OR_RETURN(const auto rows, result->Next());
      more = rows != nullptr;
    }
  }
  return Status::OK();
}

}  // namespace

Status DropTableOfClient(const std::shared_ptr<Gateway>& gateway, const TablePath& path) {
  const std::string database = SqlNameOf(path.database);
  const std::string statement = fmt::format("DROP TABLE {}.{}", postgres::QuoteIdentifier(database),
                                            postgres::QuoteIdentifier(SqlNameOf(path.table)));
  const Status dropped = RunInASession(gateway, database, statement);
  if (dropped.ok()) return dropped;
  const ErrorFields fields = FieldsOf(dropped);
  return {fields.sqlstate == "42P01" ? ErrorCode::kTableNotExist : ErrorCode::kAuthorization,
          fmt::format("table '{}' cannot be dropped: {}", path.ToString(), fields.message)};
}

}  // namespace weir::sql
