#pragma once

#include <string>

#include "server/pgwire/channel.h"
#include "sql/session.h"

namespace weir::pgwire {

/// Moves COPY's data from the client to the session, up to the client's word that it is done. Gives the command tag.
Result<std::string> ReceiveCopy(sql::CopyIn& copy, Channel& channel);

/// Moves COPY's data from the session to the client. Gives the command tag.
Result<std::string> SendCopy(sql::CopyOut& copy, Channel& channel);

}  // namespace weir::pgwire
