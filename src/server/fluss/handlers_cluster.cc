// Settings and state of the server as a whole.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "server/fluss/handlers.h"

namespace weir {
namespace {

// The protocol's numbers and names.
enum SettingOperation { kSetSetting = 0, kResetSetting = 1 };
constexpr int32_t kGreen = 0;

}  // namespace

void DescribeClusterConfigs(const State& state, const wire::DescribeClusterConfigsRequest&,
                            const Answer<wire::DescribeClusterConfigsResponse>& answer) {
  AnswerWith(answer, state->gateway->ListSettings(), [](const std::vector<Setting>& settings) {
    wire::DescribeClusterConfigsResponse response;
    for (const Setting& setting : settings) {
      wire::DescribeConfig* config = response.add_configs();
      config->set_config_key(setting.key);
      config->set_config_value(setting.value);
      config->set_config_source(setting.changed ? "DYNAMIC_SERVER_CONFIG" : "INITIAL_SERVER_CONFIG");
    }
    return response;
  });
}

void AlterClusterConfigs(const State& state, const wire::AlterClusterConfigsRequest& request,
                         const Answer<wire::AlterClusterConfigsResponse>& answer) {
  std::vector<SettingChange> changes;
  for (const wire::AlterConfig& config : request.alter_configs()) {
    SettingChange change{config.config_key(), std::nullopt};
    if (config.op_type() == kSetSetting) {
      change.value = config.config_value();
    } else if (config.op_type() != kResetSetting) {
      return answer(
          Status(ErrorCode::kInvalidConfig,
                 fmt::format("operation {} on the setting '{}' is neither 0 (set) nor 1 (delete): it is no list",
                             config.op_type(), config.config_key())));
    }
    changes.push_back(std::move(change));
  }
  AnswerEmpty(answer, state->gateway->AlterSettings(changes));
}

/// One server that has one replica of each bucket and leads it.
void GetClusterHealth(const State& state, const wire::GetClusterHealthRequest&,
                      const Answer<wire::GetClusterHealthResponse>& answer) {
  AnswerWith(answer, state->gateway->CountBuckets(), [](int64_t buckets) {
    const auto count = static_cast<int32_t>(std::min<int64_t>(buckets, std::numeric_limits<int32_t>::max()));
    wire::GetClusterHealthResponse response;
    response.set_num_replicas(count);
    response.set_in_sync_replicas(count);
    response.set_num_leader_replicas(count);
    response.set_active_leader_replicas(count);
    response.set_status(kGreen);
    return response;
  });
}

}  // namespace weir
