#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/dialect/qualified_name.h"

namespace weir::sql {

/// The statements on functions and procedures. Types are as they are written, without modifiers.

struct FunctionParameter {
  std::string name;
  std::string type;
  char mode = 'i';  // pg_proc.proargmodes
  std::optional<std::string> default_value;
};

struct CreateFunction {
  QualifiedName name;
  bool replace = false;
  bool procedure = false;
  std::vector<FunctionParameter> parameters;
  std::optional<QualifiedName> result;  // of the type; `array` in its name: "integer[]"
  bool returns_set = false;
  std::string language;  // empty: none is said
  std::optional<std::string> body;
  int body_position = 0;  // of its first character in the statement; 0: not known
  std::string standard;   // RETURN … and BEGIN ATOMIC … END as written
  char volatility = 'v';
  char parallel = 'u';
  bool strict = false;
  bool leakproof = false;
  bool security_definer = false;
  std::optional<std::string> search_path;  // SET search_path
  double cost = 100;
  double rows = 1000;
};

/// "FUNCTION", "PROCEDURE" or "ROUTINE", as a statement says it.
enum class RoutineKind { kFunction, kProcedure, kRoutine };

/// A function as other statements name it.
struct FunctionName {
  QualifiedName name;
  std::optional<std::vector<std::string>> arguments;  // types of inputs; nothing: whichever
};

struct DropFunctions {
  RoutineKind kind = RoutineKind::kFunction;
  std::vector<FunctionName> functions;
  bool if_exists = false;
  bool cascade = false;
};

/// What ALTER FUNCTION says anew of a function; nothing: it stays.
struct FunctionOptions {
  std::optional<char> volatility;
  std::optional<char> parallel;
  std::optional<bool> strict;
  std::optional<bool> leakproof;
  std::optional<bool> security_definer;
  std::optional<double> cost;
  std::optional<double> rows;
  std::optional<std::string> search_path;
  bool resets_search_path = false;
};

struct AlterFunction {
  enum class Change { kRename, kSetSchema, kOptions };
  RoutineKind kind = RoutineKind::kFunction;
  FunctionName function;
  Change change = Change::kRename;
  std::string value;  // the new name or schema
  FunctionOptions options;
};

/// CALL procedure(…).
struct CallProcedure {
  struct Argument {
    std::string name;  // empty: by its place
    std::string expression;
    int position = 0;  // of the expression
  };
  QualifiedName name;
  std::vector<Argument> arguments;
};

}  // namespace weir::sql
