#pragma once

#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

/// 42809 for a sequence, whose row only nextval and setval change.
Status CheckIsNoSequence(const Scope& scope);

/// What an INSERT's source says of the target's identity columns: 428C9 for a value of one that is GENERATED ALWAYS,
/// unless OVERRIDING SYSTEM VALUE is written; with OVERRIDING USER VALUE the columns get their own values in any case.
/// 428C9 for a value of a generated column whatever is written.
Status ApplyOverriding(Scope& scope);

/// 428C9 for an assignment of anything but DEFAULT to a column that is GENERATED ALWAYS.
Status CheckIdentityUpdates(const Scope& scope, const std::vector<Assignment>& assignments);

/// The same for the values that MERGE inserts. `overrides`: those of identity columns are its to give.
Status CheckIdentityValues(const Scope& scope, const std::vector<Assignment>& assignments, bool overrides);
/// OVERRIDING USER VALUE of MERGE: takes out what it gives to identity columns.
void LeaveIdentityToDefault(const Scope& scope, std::vector<Assignment>* assignments);

}  // namespace weir::sql::analyze
