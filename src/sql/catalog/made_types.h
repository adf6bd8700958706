#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "postgres/made_type.h"

namespace weir::sql {

/// The types that the databases of a target have made, by their OIDs.
using TypeMap = std::map<postgres::Oid, postgres::MadeTypePtr>;
using TypeMapPtr = std::shared_ptr<const TypeMap>;
/// What becomes of them: nothing for one that is gone.
using TypeChanges = std::map<postgres::Oid, std::optional<postgres::MadeTypePtr>>;

/// A type, or the type of its arrays, by the name that pg_type has for it.
struct NamedType {
  postgres::MadeTypePtr type;  // null: there is none of the name
  bool is_array = false;

  postgres::Oid oid() const { return is_array ? type->array : type->oid; }
};
NamedType FindTypeNamed(const TypeMap& types, std::string_view database, std::string_view name);

}  // namespace weir::sql
