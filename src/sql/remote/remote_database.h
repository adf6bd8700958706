#pragma once

#include <memory>

#include "sql/session.h"

namespace weir::sql {

/// SQL on a `weir server`, whose sessions run there: what a client does over the Fluss protocol belongs to the server's
/// transactions, as what comes to its SQL door does.
std::shared_ptr<Database> MakeRemoteDatabase(std::shared_ptr<Gateway> gateway);

}  // namespace weir::sql
