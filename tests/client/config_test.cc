#include "weir/config.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(Config, EveryKeyReadsBackWhatItWrites) {
  const Config config;
  for (const std::string& key : Config::Keys()) {
    const auto value = config.Get(key);
    ASSERT_TRUE(value.ok()) << key;
    Config copy;
    EXPECT_TRUE(copy.Set(key, *value).ok()) << key;
    EXPECT_EQ(*copy.Get("client." + key), *value) << key;
  }
  EXPECT_EQ(*config.Get("writer.batch-size"), "2097152");
  EXPECT_EQ(*config.Get("writer.buffer.wait-timeout-ms"), "18446744073709551615");
}

TEST(Config, Spellings) {
  for (const char* key : {"writer.batch-size", "writer.batch.size", "writer_batch_size", "client.writer.batch-size"}) {
    Config config;
    ASSERT_TRUE(config.Set(key, "17").ok()) << key;
    EXPECT_EQ(config.writer_batch_size, 17) << key;
  }
  for (const char* key : {"request.max.size", "writer.request-max-size", "client.writer.request-max-size"}) {
    Config config;
    ASSERT_TRUE(config.Set(key, "2mb").ok()) << key;
    EXPECT_EQ(config.writer_request_max_size, 2 << 20) << key;
  }
  for (const char* key : {"connect-timeout", "connect_timeout_ms", "client.connect-timeout"}) {
    Config config;
    ASSERT_TRUE(config.Set(key, "3s").ok()) << key;
    EXPECT_EQ(config.connect_timeout_ms, 3000u) << key;
  }
  Config config;
  ASSERT_TRUE(config.Set("client.writer.batch-timeout", "1min").ok());
  EXPECT_EQ(config.writer_batch_timeout_ms, 60000);
  ASSERT_TRUE(config.Set("weir.path", "data/x").ok());
  EXPECT_EQ(config.bootstrap_servers, "file:data/x");
  EXPECT_EQ(*config.Get("weir.path"), "data/x");
  for (const char* unused : {"client.id", "writer.buffer.page-size", "client.metrics.enabled"}) {
    EXPECT_TRUE(config.Set(unused, "x").ok()) << unused;
  }
}

TEST(Config, Values) {
  Config config;
  EXPECT_TRUE(config.Set("writer.enable-idempotence", "FALSE").ok());
  EXPECT_FALSE(config.writer_enable_idempotence);
  EXPECT_TRUE(config.Set("writer.bucket.no-key-assigner", "Round_Robin").ok());
  EXPECT_EQ(config.writer_bucket_no_key_assigner, "round_robin");
  const std::pair<const char*, const char*> bad[] = {
      {"writer.batch-size", "4gb"},   {"writer.batch-size", ""},       {"writer.batch-size", "1ms"},
      {"writer.retries", "1kb"},      {"lookup.queue-size", "-1"},     {"writer.enable-idempotence", "yes"},
      {"local.sync", "sometimes"},    {"connect-timeout", "1 parsec"}, {"writer.bucket.no-key-assigner", "random"},
      {"writer.buffer.wait-timeout-ms", "18446744073709551616"}, {"local.segment-bytes", "9223372036854775807kb"}};
  for (const auto& [key, value] : bad) {
    const Status status = config.Set(key, value);
    EXPECT_EQ(status.code(), ErrorCode::kClientError) << key << "=" << value;
    const std::string start = "Invalid value '" + std::string(value) + "' for '" + key + "': ";
    EXPECT_EQ(status.message().substr(0, start.size()), start);
  }
}

TEST(Config, UnknownKeysNameTheNearest) {
  EXPECT_EQ(Config().Set("writer.batchsize", "1").message(),
            "Unknown property: writer.batchsize (did you mean 'writer.batch-size'?)");
  EXPECT_EQ(Config().Set("k", "1").message(), "Unknown property: k");
  EXPECT_EQ(Config().Get("zzzzzzzz").status().message(), "Unknown property: zzzzzzzz");
  EXPECT_EQ(Config::FromProperties({{"writer.akcs", "all"}}).status().code(), ErrorCode::kClientError);
}

std::string Problem(const Properties& properties) {
  const auto config = Config::FromProperties(properties);
  return config.ok() ? config->Validate().message() : config.status().message();
}

TEST(Config, Validation) {
  EXPECT_EQ(Problem({}), "");
  EXPECT_EQ(Problem({{"writer.batch-size", "0"}}),
            "Fluss hitting illegal argument error writer_batch_size must be > 0.");
  const Properties wrong[] = {{{"security.protocol", "tls"}},
                              {{"security.protocol", "sasl"}},
                              {{"security.protocol", "sasl"}, {"security.sasl.username", "u"}},
                              {{"security.protocol", "sasl"}, {"security.sasl.mechanism", "GSSAPI"}},
                              {{"scanner.log.fetch.min-bytes", "32mb"}},
                              {{"scanner.log.fetch.max-bytes-for-bucket", "32mb"}},
                              {{"scanner.log.fetch.wait-max-time-ms", "-1"}},
                              {{"scanner.remote-log.prefetch-num", "0"}},
                              {{"writer.acks", "some"}},
                              {{"writer.acks", "1"}},
                              {{"writer.retries", "0"}},
                              {{"writer.max-inflight-requests-per-bucket", "6"}},
                              {{"writer.batch-size", "11mb"}},
                              {{"writer.dynamic-batch-size-min", "3mb"}},
                              {{"bootstrap.servers", ""}},
                              {{"bootstrap.servers", "host"}},
                              {{"bootstrap.servers", "a:1,b:65536"}},
                              {{"bootstrap.servers", ":9123"}}};
  for (const Properties& properties : wrong) {
    EXPECT_TRUE(Problem(properties).starts_with("Fluss hitting illegal argument error ")) << properties.begin()->first;
  }
  for (const char* servers :
       {"a:1", "a:1, b:2", "[::1]:9123", "file:/x", "/x", "./x", "../x", ":memory:", "memory:", "memory:n"}) {
    EXPECT_EQ(Problem({{"bootstrap.servers", servers}}), "") << servers;
  }
  EXPECT_EQ(Problem({{"writer.acks", "1"}, {"writer.enable-idempotence", "false"}}), "");
  EXPECT_EQ(Problem({{"security.protocol", "SASL"}, {"security.sasl.username", "u"}, {"security.sasl.password", "p"}}),
            "");
  // Security comes before the scanner, and the scanner before the writer.
  EXPECT_NE(Problem({{"bootstrap.servers", "memory:"}, {"security.protocol", "sasl"}}).find("have no effect"),
            std::string::npos);
  EXPECT_NE(Problem({{"bootstrap.servers", "./x"}, {"security.sasl.username", "u"}}).find("have no effect"),
            std::string::npos);
  EXPECT_EQ(Problem({{"bucket.hash", "pyfluss"}}), "");
  EXPECT_NE(Problem({{"bucket.hash", "other"}}).find("must be java or pyfluss"), std::string::npos);
  EXPECT_NE(Problem({{"security.protocol", "x"}, {"writer.acks", "x"}}).find("security"), std::string::npos);
  EXPECT_NE(Problem({{"scanner.log.fetch.min-bytes", "0"}, {"writer.acks", "x"}}).find("scanner"), std::string::npos);
}

}  // namespace
}  // namespace weir
