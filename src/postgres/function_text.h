#pragma once

#include <string>
#include <string_view>

#include "postgres/function.h"

namespace weir::postgres {

/// What stands in front of a parameter of the mode: "OUT ", or nothing.
std::string_view ModeText(ParameterMode mode);
/// A function's parameters as they were declared, which pg_get_function_arguments() shows:
/// "target jsonb, VARIADIC path text[], silent boolean DEFAULT false", "ORDER BY anyelement" of an ordered-set
/// aggregate. Without defaults: pg_get_function_identity_arguments().
std::string FunctionArgumentsText(const Function& function, bool with_defaults);
/// What pg_get_function_result() shows: "SETOF integer".
std::string FunctionResultText(const Function& function);
/// The default values of a function's last parameters: "'{}'::jsonb, false"; empty without any.
std::string FunctionDefaultsText(const Function& function);
/// The default value of an input parameter, counted from 1, as pg_get_function_arg_default() shows it; empty without
/// one.
std::string FunctionDefaultText(const Function& function, int number);

}  // namespace weir::postgres
