#pragma once

#include "postgres/error.h"

namespace weir::sql {

using postgres::Error;
using postgres::ErrorExtras;
using postgres::ErrorFields;
using postgres::FieldsOf;

}  // namespace weir::sql
