#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sql/analyze/analyze.h"
#include "sql/system/system_rows.h"

namespace weir::sql {

// Kept definitions as PostgreSQL would show them in the session: pg_get_expr() and its like. What has no such text is
// shown as it was written. `sparse`: with as few parentheses as people are shown (the last argument of these
// functions). All throw.

/// A column's DEFAULT or what it is generated from.
std::string ShownColumnValue(const SystemSources& sources, const Relation& table, size_t column, bool sparse);
/// What a CHECK holds rows of the table to, as it stands between the parentheses of CHECK (…).
std::string ShownCheck(const SystemSources& sources, const Relation& table, const std::string& check, bool sparse);
/// The same of a domain over `type`.
std::string ShownDomainCheck(const SystemSources& sources, postgres::Oid type, const std::string& check, bool sparse);
/// The condition of an index.
std::string ShownCondition(const SystemSources& sources, const Relation& table, const std::string& condition,
                           bool sparse);
/// A part of the key of an index, with parentheses where it needs them.
std::string ShownKeyPart(const SystemSources& sources, const Relation& table, const std::string& expression,
                         const std::string& otherwise, bool sparse);
/// An expression of a key by itself, as pg_index and pg_partitioned_table hold it.
std::string ShownExpressionOfKey(const SystemSources& sources, const Relation& table, const std::string& expression);
/// pg_get_partkeydef(): "RANGE (a, lower(b))".
std::string ShownPartitionKey(const SystemSources& sources, const Relation& table);
/// What pg_get_constraintdef() gives of EXCLUDE.
std::string ShownExclusion(const SystemSources& sources, const Relation& table, const SqlConstraint& constraint,
                           bool sparse);
/// A text over a relation's columns as it is shown to people.
std::string ShownAgain(const SystemSources& sources, const Relation& table, const std::string& text);
/// pg_get_viewdef(). Nothing: the query has no such text.
std::optional<std::string> ShownView(const SystemSources& sources, const RelationPtr& view, bool sparse);

}  // namespace weir::sql
