#pragma once

#include "postgres/error.h"
#include "postgres/sqlstate.h"

namespace weir::sql {

using postgres::AtPosition;
using postgres::Error;
using postgres::ErrorExtras;
using postgres::ErrorFields;
using postgres::FieldsOf;
namespace sqlstate = postgres::sqlstate;

}  // namespace weir::sql
