#include "cli/cluster_login.h"

#include <cstdlib>

#include "client/open_gateway.h"
#include "gateway/cluster/cluster_options.h"
#include "weir/config.h"

namespace weir {

Result<std::shared_ptr<Gateway>> OpenServers(const std::string& servers, const std::string& user) {
  // What is no address would be taken for a directory.
  WEIR_RETURN_NOT_OK(ParseEndpoints(servers).status());
  Properties properties{{"bootstrap.servers", servers}};
  if (!user.empty()) {
    const char* const password = std::getenv("WEIR_CLUSTER_PASSWORD");
    if (password == nullptr) return Status::Invalid("--connect-user wants its password in WEIR_CLUSTER_PASSWORD");
    properties["security.protocol"] = "SASL";
    properties["security.sasl.username"] = user;
    properties["security.sasl.password"] = password;
  }
  WEIR_ASSIGN_OR_RETURN(const Config config, Config::FromProperties(properties));
  return OpenGateway(config);
}

}  // namespace weir
