#pragma once

#include <string>
#include <string_view>

namespace weir::sql {

/// What a table or database of SQL's is called in Fluss, whose alphabet is smaller: a name that Fluss takes stays as it
/// is, of any other the bytes outside of A-Z, a-z, 0-9 and _ become "-e4" behind a mark. 63 bytes fit into Fluss's
/// limit.
std::string FlussNameOf(std::string_view name);
/// The reverse; what is no such name stays as it is.
std::string SqlNameOf(std::string_view fluss_name);

}  // namespace weir::sql
