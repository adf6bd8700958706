#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir::sql {

/// What becomes of the rows that refer to one that goes, or gets another key.
enum class ReferentialAction : uint8_t { kNoAction, kRestrict, kCascade, kSetNull, kSetDefault };

/// What REFERENCES … says besides the columns.
struct ForeignKeyRules {
  bool match_full = false;  // else MATCH SIMPLE
  ReferentialAction on_update = ReferentialAction::kNoAction;
  ReferentialAction on_delete = ReferentialAction::kNoAction;
  std::vector<std::string> set_columns = {};  // ON DELETE SET NULL (…) and SET DEFAULT (…); empty: all of them
  bool deferrable = false;
  bool deferred = false;  // INITIALLY DEFERRED

  bool operator==(const ForeignKeyRules&) const = default;
};

}  // namespace weir::sql
