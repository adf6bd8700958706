#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/function.h"
#include "postgres/made_type.h"

namespace weir::sql {

/// A function or procedure that is written in SQL.
struct SqlFunction {
  struct Parameter {
    std::string name;  // may be empty
    std::string type;  // PostgreSQL's name; of a made type postgres::KeptTypeText
    postgres::ParameterMode mode = postgres::ParameterMode::kIn;
    std::optional<std::string> default_value;  // expression text

    bool operator==(const Parameter&) const = default;
  };

  int64_t id = -1;  // pg_proc.oid
  std::string name;
  std::vector<Parameter> parameters;
  std::string result;  // as a parameter's type; of a procedure: empty
  /// The database of the table or view whose rows it gives; empty: it gives none's.
  std::string result_schema = {};
  bool returns_set = false;
  bool procedure = false;
  bool strict = false;
  bool leakproof = false;
  bool security_definer = false;  // its body has its owner's rights, not its caller's
  /// SET search_path: what names in the body mean; nothing: what they mean to the caller.
  std::optional<std::string> search_path = {};
  char volatility = 'v';  // pg_proc.provolatile
  char parallel = 'u';    // pg_proc.proparallel
  double cost = 100;
  double rows = 1000;  // that a set is expected to have
  std::string body;      // its statements
  std::string standard;  // RETURN … or BEGIN ATOMIC … END, as it is written; empty: AS '…'
  std::string comment = {};

  std::vector<const Parameter*> Inputs() const { return Those(postgres::IsInput); }
  std::vector<const Parameter*> Outputs() const { return Those(postgres::IsOutput); }
  /// Whether its result is a row of more than one column, or of a table.
  bool returns_row() const { return result == "record" || !result_schema.empty(); }

  bool operator==(const SqlFunction&) const = default;

 private:
  std::vector<const Parameter*> Those(bool (*are)(postgres::ParameterMode)) const {
    std::vector<const Parameter*> chosen;
    for (const Parameter& parameter : parameters) {
      if (are(parameter.mode)) chosen.push_back(&parameter);
    }
    return chosen;
  }
};
using SqlFunctionPtr = std::shared_ptr<const SqlFunction>;

/// All functions of one name in one schema are one relation of the catalog, whose name no table has.
inline std::string FunctionSetName(std::string_view function) { return std::string(function) + "()"; }

/// "f(integer,text)": as errors and regprocedure have it. `blank`: behind the commas.
inline std::string FunctionSignature(const SqlFunction& function, bool blank) {
  std::string signature;
  for (const SqlFunction::Parameter* input : function.Inputs()) {
    signature += (signature.empty() ? "" : blank ? ", " : ",") + postgres::WithTypeNames(input->type);
  }
  return function.name + "(" + signature + ")";
}

}  // namespace weir::sql
