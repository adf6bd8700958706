#include "sql/session/foreign_key_queries.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "sql/catalog/bound_text.h"

namespace weir::sql {
namespace {

using TextList = std::vector<std::string>;

constexpr size_t kFewKeys = 100;  // that are named one by one, so that they are looked up

TextList QuotedNames(const TextList& names) {
  TextList quoted;
  for (const std::string& name : names) quoted.push_back(QuoteIdentifier(name));
  return quoted;
}

std::string AllOf(const TextList& conditions) { return fmt::format("{}", fmt::join(conditions, " AND ")); }
std::string AnyOf(const TextList& conditions) { return fmt::format("({})", fmt::join(conditions, " OR ")); }

/// NULLs beside other values.
std::string IsMixed(const TextList& values) {
  TextList nulls;
  TextList others;
  for (const std::string& value : values) {
    nulls.push_back(value + " IS NULL");
    others.push_back(value + " IS NOT NULL");
  }
  return AnyOf(nulls) + " AND " + AnyOf(others);
}

TextList Prefixed(const char* alias, const TextList& columns) {
  TextList names;
  for (const std::string& column : columns) names.push_back(fmt::format("{}.{}", alias, column));
  return names;
}

TextList AreEqual(const TextList& left, const TextList& right) {
  TextList equal;
  for (size_t i = 0; i < left.size(); ++i) equal.push_back(left[i] + " = " + right[i]);
  return equal;
}

TextList AreSet(const TextList& values) {
  TextList set;
  for (const std::string& value : values) set.push_back(value + " IS NOT NULL");
  return set;
}

std::string TextsOf(const TextList& values) {
  TextList texts;
  for (const std::string& value : values) texts.push_back("concat(" + value + ")");
  return fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace

ForeignKeyQueries::ForeignKeyQueries(const ChangedKeys& changed, const ForeignKey& key, Side side,
                                     const std::function<std::string(const Relation&)>& name_of)
    : changed_(changed),
      rules_(key.rules()),
      target_(name_of(*changed.table)),
      referring_(name_of(*key.table)),
      referenced_(name_of(*key.referenced)),
      own_columns_(QuotedNames(key.constraint.columns)),
      other_columns_(QuotedNames(ReferencedColumns(key.key(), *key.referenced))) {
  const TextList names =
      side == Side::kReferring ? key.constraint.columns : ReferencedColumns(key.key(), *key.referenced);
  for (const std::string& name : names) {
    const auto at = std::ranges::find(changed.columns, changed.table->ColumnIndex(name));
    places_.push_back(static_cast<size_t>(at - changed.columns.begin()));
  }
}

/// The columns' names and types: the rows themselves come in its place.
std::string ForeignKeyQueries::With() const {
  TextList names = {"ol", "nl"};
  TextList columns = {"0::bigint", "0::bigint"};
  for (const char version : {'o', 'n'}) {
    for (size_t i = 0; i < changed_.columns.size(); ++i) {
      const auto at = static_cast<size_t>(changed_.columns[i]);
      names.push_back(fmt::format("{}{}", version, i));
      columns.push_back("t." + QuoteIdentifier(changed_.table->columns[at].name));
    }
  }
  return fmt::format("WITH changed ({}) AS (SELECT {} FROM {} t WHERE false) ", fmt::join(names, ", "),
                     fmt::join(columns, ", "), target_);
}

ForeignKeyQueries::TextList ForeignKeyQueries::Values(char version) const {
  TextList values;
  for (const size_t place : places_) values.push_back(fmt::format("c.{}{}", version, place));
  return values;
}

std::string ForeignKeyQueries::HasChanged() const {
  TextList differ;
  for (const size_t place : places_) differ.push_back(fmt::format("c.o{0} IS DISTINCT FROM c.n{0}", place));
  return AnyOf(differ);
}

std::string ForeignKeyQueries::IsWanted() const {
  return "c.nl IS NOT NULL AND (c.ol IS NULL OR " + HasChanged() + ")";
}

std::string ForeignKeyQueries::IsGone(bool deleted) const {
  TextList conditions = AreSet(Values('o'));
  conditions.push_back("c.ol IS NOT NULL");
  conditions.push_back(deleted ? "c.nl IS NULL" : "c.nl IS NOT NULL AND " + HasChanged());
  return AllOf(conditions);
}

std::string ForeignKeyQueries::FindOne(char version, const std::string& condition) const {
  const TextList key = Values(version);
  return fmt::format("{}SELECT c.ol, c.nl, {} FROM changed c WHERE {} ORDER BY {} LIMIT 1", With(), TextsOf(key),
                     condition, fmt::join(key, ", "));
}

std::string ForeignKeyQueries::OneOf(const TextList& columns, char version) const {
  if (changed_.rows->Count() > kFewKeys) return {};
  const size_t first = 2 + (version == 'n' ? changed_.columns.size() : 0);
  std::string condition;
  for (size_t i = 0; i < columns.size(); ++i) {
    const auto& type = changed_.rows->Types()[first + places_[i]];
    if (!type.IsIntegral() && type.id() != duckdb::LogicalTypeId::VARCHAR) continue;
    std::set<std::string> values;
    for (auto& chunk : changed_.rows->Chunks()) {
      for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
        const duckdb::Value value = chunk.GetValue(first + places_[i], row);
        if (!value.IsNull()) values.insert(QuoteLiteral(value.ToString()));
      }
    }
    if (!values.empty()) condition += fmt::format(" AND {} IN ({})", columns[i], fmt::join(values, ", "));
  }
  return condition;
}

std::string ForeignKeyQueries::InReferenced(char version) const {
  const TextList columns = Prefixed("p", other_columns_);
  return fmt::format("EXISTS (SELECT 1 FROM {} p WHERE {}{})", referenced_, AllOf(AreEqual(columns, Values(version))),
                     OneOf(columns, version));
}

/// Of a row t, that it refers to a key which is gone.
std::string ForeignKeyQueries::Refers() const { return AllOf(AreEqual(Values('o'), Prefixed("t", own_columns_))); }

// --- rows that refer to others

std::string ForeignKeyQueries::FindMixed() const { return FindOne('n', IsWanted() + " AND " + IsMixed(Values('n'))); }

std::string ForeignKeyQueries::LockReferenced() const {
  const TextList columns = Prefixed("p", other_columns_);
  return fmt::format("{}SELECT 1 FROM {} p WHERE EXISTS (SELECT 1 FROM changed c WHERE {} AND {}){} FOR KEY SHARE OF p",
                     With(), referenced_, IsWanted(), AllOf(AreEqual(columns, Values('n'))), OneOf(columns, 'n'));
}

std::string ForeignKeyQueries::FindMissing(bool still_there) const {
  TextList conditions = AreSet(Values('n'));
  conditions.push_back(IsWanted());
  conditions.push_back("NOT " + InReferenced('n'));
  if (still_there) {
    const TextList columns = Prefixed("t", own_columns_);
    conditions.push_back(
        fmt::format("EXISTS (SELECT 1 FROM {} t WHERE {})", target_, AllOf(AreEqual(columns, Values('n')))));
  }
  return FindOne('n', AllOf(conditions));
}

// --- rows that are referred to

std::string ForeignKeyQueries::FindReferenced(bool deleted, bool anyhow) const {
  const std::string some = fmt::format("{} AND EXISTS (SELECT 1 FROM {} t WHERE {}{})", IsGone(deleted), referring_,
                                       Refers(), OneOf(Prefixed("t", own_columns_), 'o'));
  return FindOne('o', anyhow ? some : some + " AND NOT " + InReferenced('o'));
}

std::string ForeignKeyQueries::LockReferring(bool deleted) const {
  return fmt::format(
      "{}SELECT 1 FROM {} t WHERE EXISTS (SELECT 1 FROM changed c WHERE {} AND {}){} FOR KEY SHARE OF t", With(),
      referring_, IsGone(deleted), Refers(), OneOf(Prefixed("t", own_columns_), 'o'));
}

std::string ForeignKeyQueries::ChangeReferring(bool deleted) const {
  const ReferentialAction action = deleted ? rules_.on_delete : rules_.on_update;
  const std::string few = OneOf(Prefixed("t", own_columns_), 'o');
  if (action == ReferentialAction::kCascade && deleted) {
    return fmt::format("{}DELETE FROM {} t WHERE EXISTS (SELECT 1 FROM changed c WHERE {} AND {}){}", With(),
                       referring_, IsGone(deleted), Refers(), few);
  }
  const TextList new_values = Values('n');
  const TextList set_columns = deleted ? QuotedNames(rules_.set_columns) : TextList();
  TextList assignments;
  for (size_t i = 0; i < own_columns_.size(); ++i) {
    if (!set_columns.empty() && std::ranges::find(set_columns, own_columns_[i]) == set_columns.end()) continue;
    const bool null = action == ReferentialAction::kSetNull;
    const std::string value = action == ReferentialAction::kCascade ? new_values[i] : null ? "NULL" : "DEFAULT";
    assignments.push_back(own_columns_[i] + " = " + value);
  }
  return fmt::format("{}UPDATE {} t SET {} FROM changed c WHERE {} AND {}{}", With(), referring_,
                     fmt::join(assignments, ", "), IsGone(deleted), Refers(), few);
}

// --- all rows of a table

namespace {

std::string FindRow(const ForeignKey& key, const std::string& referring, const std::string& condition) {
  const TextList columns = Prefixed("t", QuotedNames(key.constraint.columns));
  return fmt::format("SELECT NULL::bigint, t.tableoid::bigint, {} FROM {} t WHERE {} ORDER BY {} LIMIT 1",
                     TextsOf(columns), referring, condition, fmt::join(columns, ", "));
}

std::string RefersTo(const ForeignKey& key, const std::string& referenced) {
  const TextList own = Prefixed("t", QuotedNames(key.constraint.columns));
  const TextList others = Prefixed("p", QuotedNames(ReferencedColumns(key.key(), *key.referenced)));
  return fmt::format("EXISTS (SELECT 1 FROM {} p WHERE {})", referenced, AllOf(AreEqual(others, own)));
}

}  // namespace

std::string FindUnheldRow(const ForeignKey& key, const std::string& referring, const std::string& referenced) {
  const TextList columns = Prefixed("t", QuotedNames(key.constraint.columns));
  return FindRow(key, referring, AllOf(AreSet(columns)) + " AND NOT " + RefersTo(key, referenced));
}

std::string FindMixedRow(const ForeignKey& key, const std::string& referring) {
  return FindRow(key, referring, IsMixed(Prefixed("t", QuotedNames(key.constraint.columns))));
}

std::string FindRowReferringTo(const ForeignKey& key, const std::string& referring, const std::string& partition) {
  return FindRow(key, referring, RefersTo(key, partition));
}

}  // namespace weir::sql
