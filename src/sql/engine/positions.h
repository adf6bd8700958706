#pragma once

#include <string_view>

#include "weir/status.h"

namespace weir::sql {

/// An error of running `rewritten` with its position in the text that the client wrote: where the word that it
/// points at stands there, as often as it stood before. Without a position where it is none of the client's.
Status PlacedIn(std::string_view original, std::string_view rewritten, const Status& status);

}  // namespace weir::sql
