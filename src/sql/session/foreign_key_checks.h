#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sql/session/foreign_key_queries.h"

namespace weir::sql {

/// Changed rows that are to be held to a foreign key of theirs, or to one that refers to them.
struct ForeignKeyCheck {
  ChangedKeys changed;
  ForeignKey key;
  ForeignKeyQueries::Side side = ForeignKeyQueries::Side::kReferring;
  bool deleted = false;  // of rows that are referred to: those that are gone, else those that have another key

  /// What becomes of rows that refer to them.
  ReferentialAction action() const {
    if (side == ForeignKeyQueries::Side::kReferring) return ReferentialAction::kNoAction;
    return deleted ? key.rules().on_delete : key.rules().on_update;
  }
};

/// Changed rows of a leaf that are to be held to a DEFERRABLE key of its, by the key's name.
struct DeferrableKeyCheck {
  ChangedKeys changed;
  std::string constraint;
};

/// What a transaction has put off, and what SET CONSTRAINTS says of it.
struct DeferredForeignKeys {
  using Name = std::pair<std::string, std::string>;  // the table's database, the constraint

  std::vector<ForeignKeyCheck> checks;
  /// Looks for two rows of equal keys as they are by then, so that rows of statements that were undone are harmless.
  std::vector<DeferrableKeyCheck> keys;
  std::optional<bool> all;  // nothing: as the constraints say
  std::map<Name, bool> named = {};

  bool IsDeferred(const ForeignKey& key) const;
  /// `key`: a DEFERRABLE key of a table in `database`.
  bool IsDeferred(const std::string& database, const SqlConstraint& key) const;
};

/// The same checks, one for each key and changed table: its rows are those of all that many statements have put off.
std::vector<ForeignKeyCheck> Together(const std::vector<ForeignKeyCheck>& checks);

// What is wrong with a row, by what ForeignKeyQueries found: 23503, naming table, constraint and values.

struct ViolatingRow {
  std::optional<int64_t> old_leaf;
  std::optional<int64_t> new_leaf;
  std::vector<std::string> values;
};
/// `table`: that the row is in.
Status RefersToNothing(const ForeignKey& key, const Relation& table, const std::vector<std::string>& values);
Status MixesNulls(const ForeignKey& key, const Relation& table);
/// `table`: that the row was in. `constraint`: the foreign key as it refers to that table.
Status IsStillReferenced(const ForeignKey& key, const Relation& table, const std::string& constraint,
                         const std::vector<std::string>& values);
Status PartitionIsReferenced(const ForeignKey& key, const Relation& partition, const std::string& constraint,
                             const std::vector<std::string>& values);

}  // namespace weir::sql
