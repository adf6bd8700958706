#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sql/dialect/qualified_name.h"

namespace weir::sql {

/// A type as written, in PostgreSQL's canonical spelling: "integer", "numeric(10,2)", "text[]". Empty for the
/// columns of a partition and of CREATE TABLE … AS, which name none.
struct TypeName {
  std::string text;
  int position = 0;
};

/// The options of CREATE and ALTER SEQUENCE and of identity columns; what is absent was not written.
struct SequenceOptions {
  /// MINVALUE, MAXVALUE; no value: NO MINVALUE, NO MAXVALUE.
  struct Limit {
    std::optional<int64_t> value;
  };
  /// OWNED BY; no column: NONE.
  struct Owner {
    QualifiedName table;
    std::string column;
  };
  /// RESTART; no value: with the start value.
  struct Restart {
    std::optional<int64_t> value;
  };

  std::optional<TypeName> type = {};
  std::optional<int64_t> increment = {};
  std::optional<Limit> min_value = {};
  std::optional<Limit> max_value = {};
  std::optional<int64_t> start = {};
  std::optional<int64_t> cache = {};
  std::optional<bool> cycle = {};
  std::optional<Owner> owner = {};
  std::optional<Restart> restart = {};
  std::optional<QualifiedName> name = {};  // SEQUENCE NAME, of an identity column
};

/// GENERATED … AS IDENTITY.
struct IdentityClause {
  bool always = true;  // else BY DEFAULT
  SequenceOptions options;
};

struct CreateSequence {
  QualifiedName name;
  bool if_not_exists = false;
  SequenceOptions options;
  bool temporary = false;
};
struct AlterSequence {
  QualifiedName name;
  bool if_exists = false;
  SequenceOptions options;
  std::string new_name = {};  // RENAME TO
  std::string schema = {};    // SET SCHEMA
};
struct DropSequences {
  std::vector<QualifiedName> names;
  bool if_exists = false;
  bool cascade = false;
};

}  // namespace weir::sql
