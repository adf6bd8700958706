#pragma once

#include <string>

namespace weir {

struct HostPort {
  std::string host;
  int port = 0;
};

}  // namespace weir
