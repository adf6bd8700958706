#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "weir/status.h"

namespace weir::placement {

struct FlowMember;

/// A value of YAML's flow style, as far as zone configurations are written in it: scalars (plain, '…' or "…"),
/// [sequences] and {mappings}. JSON is a part of it.
struct FlowValue {
  enum class Kind { kScalar, kSequence, kMapping };
  Kind kind = Kind::kScalar;
  std::string scalar;
  bool quoted = false;              // of a scalar: never a number
  std::vector<FlowValue> sequence;
  std::vector<FlowMember> mapping;  // in order; keys are scalars and come once
  int line = 1;
};

/// One key of a mapping and its value.
struct FlowMember {
  std::string key;
  FlowValue value;
};

/// One value and nothing behind it but blanks and comments. 22023 with "yaml: line N: …".
Result<FlowValue> ParseFlow(std::string_view text);

/// The scalar as YAML writes it in flow style: in single quotes where plain it would mean something else.
std::string FlowScalarText(std::string_view scalar);

}  // namespace weir::placement
