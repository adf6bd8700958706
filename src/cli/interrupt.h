#pragma once

#include "weir/status.h"

namespace weir {

/// From here on, the first Ctrl-C (or SIGTERM) only makes Interrupted() true, so that a command can
/// end in good order; a second one ends the process.
void CatchInterrupts();
bool Interrupted();
/// Code -2 "interrupted" once Interrupted().
Status CheckInterrupted();

}  // namespace weir
