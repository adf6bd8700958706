#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sql/catalog/foreign_key.h"
#include "sql/engine/changed_keys.h"

namespace weir::sql {

/// The statements that hold a foreign key once a statement has changed rows on one side of it. Each has one WITH query,
/// "changed", in whose place the changed keys come (duck::Plan::SetRows); they are about all of them at once.
///
/// Those that look for violations give one at most: the leaf that the row was in and the one that it is in, NULL for
/// none, and the texts of the key's values.
class ForeignKeyQueries {
 public:
  /// Which side of the key the changed table is on.
  enum class Side { kReferring, kReferenced };
  /// `name_of`: a table as a query names it, whatever the search path is.
  ForeignKeyQueries(const ChangedKeys& changed, const ForeignKey& key, Side side,
                    const std::function<std::string(const Relation&)>& name_of);

  // For rows that refer to others. Only new ones are looked at, and those whose reference has changed.

  /// Rows that MATCH FULL does not take: NULLs beside other values.
  std::string FindMixed() const;
  /// Locks the rows that are referred to, so that they stay.
  std::string LockReferenced() const;
  /// Rows that refer to nothing. `still_there`: that are so still.
  std::string FindMissing(bool still_there) const;

  // For rows that are referred to, and are gone or have another key: `deleted` says which of them.

  /// Keys that rows refer to still. `anyhow`: a row that has the key now is no excuse (RESTRICT).
  std::string FindReferenced(bool deleted, bool anyhow) const;
  /// Locks the rows that refer to them, as they may be about to go.
  std::string LockReferring(bool deleted) const;
  /// What ON DELETE and ON UPDATE do to them: CASCADE, SET NULL or SET DEFAULT.
  std::string ChangeReferring(bool deleted) const;

 private:
  using TextList = std::vector<std::string>;

  std::string With() const;
  /// The key's values of the changed rows: 'o', the old ones, 'n', the new ones.
  TextList Values(char version) const;
  std::string HasChanged() const;
  std::string IsWanted() const;
  std::string IsGone(bool deleted) const;
  std::string FindOne(char version, const std::string& condition) const;
  /// That columns have one of the values, where these are few: they are looked up then. Begins with AND.
  std::string OneOf(const TextList& columns, char version) const;
  std::string InReferenced(char version) const;
  std::string Refers() const;

  const ChangedKeys& changed_;
  const ForeignKeyRules& rules_;
  const std::string target_;  // the names of the changed table, and of those on both sides
  const std::string referring_;
  const std::string referenced_;
  const TextList own_columns_;    // quoted
  const TextList other_columns_;  // of the referenced table
  std::vector<size_t> places_;  // of the key's columns among the changed ones
};

// The same of all rows of a table.

/// A row that refers to nothing.
std::string FindUnheldRow(const ForeignKey& key, const std::string& referring, const std::string& referenced);
/// A row in which MATCH FULL finds NULLs beside other values.
std::string FindMixedRow(const ForeignKey& key, const std::string& referring);
/// A row that refers to one of a partition.
std::string FindRowReferringTo(const ForeignKey& key, const std::string& referring, const std::string& partition);

}  // namespace weir::sql
