#pragma once

#include "postgres/catalog_name.h"
#include "postgres/oid.h"

namespace weir::postgres {

/// Types whose binary form is their text.
constexpr bool SendsText(Oid type) {
  switch (type) {
    case 0:
    case oid::kChar:
    case oid::kName:
    case oid::kText:
    case oid::kJson:
    case oid::kUnknown:
    case oid::kBpchar:
    case oid::kVarchar: return true;
    default: return false;  // OIDs are open
  }
}

/// The bytes of an integer type's binary form; 0 of any other type.
constexpr int IntegerWidth(Oid type) {
  switch (type) {
    case oid::kInt2: return 2;
    case oid::kInt4:
    case oid::kOid:
    case oid::kXid:
    case oid::kCid: return 4;
    case oid::kInt8:
    case oid::kXid8: return 8;
    default: return NamesCatalog(type) ? 4 : 0;  // OIDs are open
  }
}

}  // namespace weir::postgres
