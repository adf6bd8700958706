#pragma once

#include "sql/catalog/catalog_ddl.h"

namespace weir::sql {

/// The value that follows this one in a type that has such (START EXCLUSIVE, END INCLUSIVE); nothing after the
/// greatest one. 0A000 for other types: `what` names the clause, `hint` says what to write instead.
Result<std::optional<KeyValue>> NextValue(const Relation& parent, const KeyValue& value, std::string_view what,
                                          std::string_view hint);

/// What EVERY adds to a value of a RANGE key of one column: a number, or days, or an interval.
class RangeStep {
 public:
  /// 0A000 for keys that it cannot step over.
  static Result<RangeStep> Make(const Relation& parent, const Expression& every, const DdlContext& context);

  /// Months first, then days, then the time, as PostgreSQL adds intervals. Nothing when the type has no such value.
  std::optional<KeyValue> AddTo(const KeyValue& value) const;

 private:
  enum class Unit { kNumber, kDate, kTimestamp };
  Unit unit_ = Unit::kNumber;
  KeyValue number_;
  int64_t months_ = 0;
  int64_t days_ = 0;
  int64_t micros_ = 0;
};

}  // namespace weir::sql
