#include "sql/engine/row_types.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "postgres/made_type.h"
#include "sql/error.h"
#include "types/mutex.h"

namespace weir::sql {
namespace {

struct RowTypes {
  Mutex mutex;
  std::map<std::string, postgres::Oid> by_text WEIR_GUARDED_BY(mutex);  // the table as text
  std::set<postgres::Oid> all WEIR_GUARDED_BY(mutex);                   // their arrays included
};

RowTypes& Known() {
  static RowTypes* known = new RowTypes();  // as long as the types, which stay
  return *known;
}

}  // namespace

postgres::Oid TypeOfRows(std::string_view schema, std::string_view table,
                         const std::vector<analyze::OutputColumn>& columns) {
  auto type = std::make_shared<postgres::MadeType>();
  type->kind = postgres::TypeKind::kComposite;
  type->schema = schema;
  type->name = table;
  type->array_name = fmt::format("_{}", table);
  std::string text = fmt::format("{}\n{}", schema, table);
  for (const analyze::OutputColumn& column : columns) {
    if (column.hidden) continue;
    type->attributes.push_back({column.name, column.type});
    text += fmt::format("\n{} {} {}", column.type.oid, column.type.modifier, column.name);
  }
  RowTypes& known = Known();
  MutexLock lock(known.mutex);
  const auto [at, added] = known.by_text.emplace(std::move(text), 0);
  if (!added) return at->second;
  type->oid = at->second = postgres::DrawTypeOid();
  type->array = type->oid + 1;
  known.all.insert({type->oid, type->array});
  postgres::LearnType(type);
  return type->oid;
}

Status CheckMayBeKept(std::string_view column, postgres::Oid type) {
  RowTypes& known = Known();
  MutexLock lock(known.mutex);
  if (!known.all.contains(type)) return Status::OK();
  return Error("0A000", fmt::format("column \"{}\" of the type of a table's rows is not supported", column),
               {.hint = "CREATE TYPE … AS makes a type that columns may have."});
}

}  // namespace weir::sql
