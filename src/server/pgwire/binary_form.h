#pragma once

#include "postgres/oid.h"

namespace weir::pgwire {

/// Types whose binary form is their text.
constexpr bool SendsText(postgres::Oid type) {
  switch (type) {
    case 0:
    case postgres::oid::kChar:
    case postgres::oid::kName:
    case postgres::oid::kText:
    case postgres::oid::kJson:
    case postgres::oid::kUnknown:
    case postgres::oid::kBpchar:
    case postgres::oid::kVarchar: return true;
    default: return false;  // OIDs are open
  }
}

/// The bytes of an integer type's binary form; 0 of any other type.
constexpr int IntegerWidth(postgres::Oid type) {
  switch (type) {
    case postgres::oid::kInt2: return 2;
    case postgres::oid::kInt4:
    case postgres::oid::kOid:
    case postgres::oid::kXid:
    case postgres::oid::kCid:
    case postgres::oid::kRegproc:
    case postgres::oid::kRegclass:
    case postgres::oid::kRegtype: return 4;
    case postgres::oid::kInt8: return 8;
    default: return 0;  // OIDs are open
  }
}

}  // namespace weir::pgwire
