#include "sql/session/foreign_key_checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "sql/error.h"

namespace weir::sql {

bool DeferredForeignKeys::IsDeferred(const ForeignKey& key) const {
  if (!key.rules().deferrable) return false;
  const auto found = named.find({key.table->path.database, key.constraint.name});
  return found != named.end() ? found->second : all.value_or(key.rules().deferred);
}

bool DeferredForeignKeys::IsDeferred(const std::string& database, const SqlConstraint& key) const {
  if (!key.exclusion || key.exclusion->key == '\0') return false;
  const auto found = named.find({database, key.name});
  return found != named.end() ? found->second : all.value_or(key.exclusion->deferred);
}

namespace {

bool IsAlike(const ForeignKeyCheck& a, const ForeignKeyCheck& b) {
  return a.side == b.side && a.deleted == b.deleted && a.key.table->id == b.key.table->id &&
         a.key.constraint.name == b.key.constraint.name && a.changed.table->id == b.changed.table->id &&
         a.changed.columns == b.changed.columns && a.changed.rows->Types() == b.changed.rows->Types();
}

void AddRows(const ChangedKeys& from, ChangedKeys* to) {
  for (duckdb::DataChunk& chunk : from.rows->Chunks()) to->rows->Append(chunk);
  to->inserts = to->inserts || from.inserts;
  to->updates = to->updates || from.updates;
  to->deletes = to->deletes || from.deletes;
}

}  // namespace

std::vector<ForeignKeyCheck> Together(const std::vector<ForeignKeyCheck>& checks) {
  std::vector<ForeignKeyCheck> all;
  for (const ForeignKeyCheck& check : checks) {
    auto same = std::ranges::find_if(all, [&](const ForeignKeyCheck& one) { return IsAlike(one, check); });
    if (same == all.end()) {
      same = all.insert(all.end(), check);
      same->changed.rows = std::make_shared<duckdb::ColumnDataCollection>(duckdb::Allocator::DefaultAllocator(),
                                                                          check.changed.rows->Types());
    }
    AddRows(check.changed, &same->changed);
  }
  return all;
}

namespace {

std::string ShownKey(const std::vector<std::string>& columns, const std::vector<std::string>& values) {
  return fmt::format("Key ({})=({})", fmt::join(columns, ", "), fmt::join(values, ", "));
}

/// As a row of `table` has it.
std::string NameWithin(const ForeignKey& key, const Relation& table) {
  if (table.FindConstraint(key.constraint.name) != nullptr) return key.constraint.name;
  for (const SqlConstraint& own : table.constraints) {
    if (own.foreign == key.constraint.foreign && own.columns == key.constraint.columns) return own.name;
  }
  return key.constraint.name;
}

Status Refused(const ForeignKey& key, const Relation& table, std::string detail) {
  const std::string constraint = NameWithin(key, table);
  return Error("23503",
               fmt::format("insert or update on table \"{}\" violates foreign key constraint \"{}\"", table.path.table,
                           constraint),
               {.detail = std::move(detail),
                .schema = table.path.database,
                .table = table.path.table,
                .constraint = constraint});
}

}  // namespace

Status RefersToNothing(const ForeignKey& key, const Relation& table, const std::vector<std::string>& values) {
  return Refused(key, table, fmt::format("{} is not present in table \"{}\".", ShownKey(key.constraint.columns, values),
                                         key.referenced->path.table));
}

Status MixesNulls(const ForeignKey& key, const Relation& table) {
  return Refused(key, table, "MATCH FULL does not allow mixing of null and nonnull key values.");
}

Status IsStillReferenced(const ForeignKey& key, const Relation& table, const std::string& constraint,
                         const std::vector<std::string>& values) {
  const std::string& referring = key.table->path.table;
  return Error("23503",
               fmt::format("update or delete on table \"{}\" violates foreign key constraint \"{}\" on table \"{}\"",
                           table.path.table, constraint, referring),
               {.detail = fmt::format("{} is still referenced from table \"{}\".",
                                      ShownKey(ReferencedColumns(key.key(), *key.referenced), values), referring),
                .schema = key.table->path.database,
                .table = referring,
                .constraint = constraint});
}

Status PartitionIsReferenced(const ForeignKey& key, const Relation& partition, const std::string& constraint,
                             const std::vector<std::string>& values) {
  const std::string& referring = key.table->path.table;
  return Error("23503",
               fmt::format("removing partition \"{}\" violates foreign key constraint \"{}\"", partition.path.table,
                           constraint),
               {.detail = fmt::format("{} is still referenced from table \"{}\".",
                                      ShownKey(key.constraint.columns, values), referring),
                .schema = key.table->path.database,
                .table = referring,
                .constraint = constraint});
}

}  // namespace weir::sql
