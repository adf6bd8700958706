#include "sql/catalog/function.h"

namespace weir::sql {

std::vector<const SqlFunction::Parameter*> SqlFunction::Inputs() const {
  std::vector<const Parameter*> inputs;
  for (const Parameter& parameter : parameters) {
    if (postgres::IsInput(parameter.mode)) inputs.push_back(&parameter);
  }
  return inputs;
}

std::vector<const SqlFunction::Parameter*> SqlFunction::Outputs() const {
  std::vector<const Parameter*> outputs;
  for (const Parameter& parameter : parameters) {
    if (postgres::IsOutput(parameter.mode)) outputs.push_back(&parameter);
  }
  return outputs;
}

std::string FunctionSetName(std::string_view function) { return std::string(function) + "()"; }

std::string FunctionSignature(const SqlFunction& function, bool blank) {
  std::string signature = function.name + "(";
  bool first = true;
  for (const SqlFunction::Parameter* input : function.Inputs()) {
    if (!first) signature += blank ? ", " : ",";
    signature += input->type;
    first = false;
  }
  return signature + ")";
}

}  // namespace weir::sql
