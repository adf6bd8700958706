#pragma once

#include "sql/catalog/catalog_ddl.h"

namespace weir::sql {

/// The value that follows this one in a type that has such (START EXCLUSIVE, END INCLUSIVE); nothing after the
/// greatest one. 0A000 for other types: `what` names the clause, `hint` says what to write instead.
Result<std::optional<KeyValue>> NextValue(const Relation& parent, const KeyValue& value, std::string_view what,
                                          std::string_view hint);

/// What EVERY adds to a value of a RANGE key of one column, as the key type's operator + does.
class RangeStep {
 public:
  /// 0A000 for keys that it cannot step over. What is given must outlive the step.
  static Result<RangeStep> Make(const Relation& parent, const Expression& every, const DdlContext& context);

  /// Nothing when the type has no such value. 42883 for a type without such an operator, 42P16 for NULL.
  Result<std::optional<KeyValue>> AddTo(const KeyValue& value) const;

 private:
  /// What needs no engine, and all else.
  enum class Unit { kNumber, kDate, kTimestamp, kExpression };
  RangeStep(const Relation& parent, const Expression& every, const DdlContext& context)
      : parent_(&parent), every_(&every), context_(&context) {}
  Status ReadInterval();
  std::optional<KeyValue> AddNumber(const KeyValue& value) const;
  std::optional<KeyValue> AddInterval(int64_t from) const;
  Result<std::optional<KeyValue>> Evaluate(const KeyValue& value) const;

  const Relation* parent_;
  const Expression* every_;
  const DdlContext* context_;
  Unit unit_ = Unit::kExpression;
  KeyValue number_;
  int64_t months_ = 0;
  int64_t days_ = 0;
  int64_t micros_ = 0;
};

}  // namespace weir::sql
