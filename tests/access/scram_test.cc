#include "access/scram.h"

#include <gtest/gtest.h>

#include "access/bytes.h"
#include "access/login.h"
#include "postgres/error.h"

namespace weir::access {
namespace {

constexpr const char* kClientNonce = "rOprNGfwEbeRWgbNEkqO";
constexpr const char* kServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

/// The one that Finish is given in RFC 7677.
std::string FinalOfTheRfc(const std::string& proof) {
  return std::string("c=biws,r=") + kClientNonce + kServerNonce + ",p=" + proof;
}

std::string StateOf(const Status& status) { return postgres::FieldsOf(status).sqlstate; }

ScramVerifier VerifierOfTheRfc() { return MakeVerifier("pencil", *FromBase64("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096); }

ScramServer ServerOfTheRfc() {
  return {*ParseClientFirst(std::string("n,,n=user,r=") + kClientNonce), VerifierOfTheRfc(), "", kServerNonce};
}

/// What a client that knows the password answers a challenge with.
std::string Proof(const ScramClientFirst& first, const std::string& challenge, const std::string& password,
                  const ScramVerifier& verifier, const std::string& bound) {
  const std::string nonce = challenge.substr(2, challenge.find(",s=") - 2);
  const std::string without = "c=" + ToBase64(bound) + ",r=" + nonce;
  const std::string said = first.bare + "," + challenge + "," + without;
  // HMAC(salted, "Client Key") cannot be had from a verifier: it is made here as a client makes it, of one iteration.
  EXPECT_EQ(verifier.iterations, 1);
  const std::string salted = HmacSha256(password, verifier.salt + std::string("\0\0\0\1", 4));
  std::string key = HmacSha256(salted, "Client Key");
  const std::string signature = HmacSha256(Sha256(key), said);
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<char>(key[i] ^ signature[i]);
  return without + ",p=" + ToBase64(key);
}

TEST(Scram, ExchangeOfRfc7677) {
  const ScramServer server = ServerOfTheRfc();
  const std::string nonce = std::string(kClientNonce) + kServerNonce;
  EXPECT_EQ(server.challenge(), "r=" + nonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
  const auto last = server.Finish(FinalOfTheRfc("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
  ASSERT_TRUE(last.ok()) << last.status().ToString();
  EXPECT_EQ(*last, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

TEST(Scram, AnotherProofIsAWrongPassword) {
  const auto last = ServerOfTheRfc().Finish(FinalOfTheRfc("eHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
  EXPECT_EQ(StateOf(last.status()), "28P01");
}

TEST(Scram, ForeignMessagesAreRefused) {
  const ScramServer server = ServerOfTheRfc();
  const std::string proof = ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
  EXPECT_EQ(StateOf(server.Finish("").status()), "08P01");
  EXPECT_EQ(StateOf(server.Finish("c=biws,r=other" + proof).status()), "08P01");
  EXPECT_EQ(StateOf(server.Finish("c=biws" + proof).status()), "08P01");
  EXPECT_EQ(StateOf(server.Finish(FinalOfTheRfc("dHzb")).status()), "08P01");
  EXPECT_EQ(StateOf(server.Finish(std::string("c=eSws,r=") + kClientNonce + kServerNonce + proof).status()), "28000");
}

TEST(Scram, FirstMessagesOfClients) {
  using Binding = ScramClientFirst::Binding;
  const auto plain = ParseClientFirst("y,,n=,r=abc");
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->binding, Binding::kNotOffered);
  EXPECT_EQ(plain->bare, "n=,r=abc");
  const auto bound = ParseClientFirst("p=tls-server-end-point,,n=a=2Cb=3Dc,r=abc,x=1");
  ASSERT_TRUE(bound.ok());
  EXPECT_EQ(bound->binding_name, "tls-server-end-point");
  EXPECT_EQ(bound->header, "p=tls-server-end-point,,");
  EXPECT_EQ(bound->user, "a,b=c");
  for (const char* text :
       {"", "n", "n,", "n,,", "n,,n=a", "n,,r=a", "n,,n=a=2d,r=x", "n,,n=a,r=", "q,,n=a,r=x", "p=x"}) {
    EXPECT_EQ(StateOf(ParseClientFirst(text).status()), "08P01") << text;
  }
  EXPECT_EQ(StateOf(ParseClientFirst("n,a=b,n=a,r=x").status()), "0A000");
  EXPECT_EQ(StateOf(ParseClientFirst("n,,m=1,n=a,r=x").status()), "0A000");
}

TEST(Scram, ChannelBindingTiesALoginToItsConnection) {
  const ScramVerifier verifier = MakeVerifier("secret", "salt", 1);
  const ScramClientFirst first = *ParseClientFirst("p=tls-server-end-point,,n=,r=abc");
  const ScramServer server(first, verifier, "hash of the certificate", "xyz");
  const std::string header = "p=tls-server-end-point,,";
  const auto finish = [&](const std::string& certificate) {
    return server.Finish(Proof(first, server.challenge(), "secret", verifier, header + certificate));
  };
  EXPECT_TRUE(finish("hash of the certificate").ok());
  const auto other = finish("another certificate");
  EXPECT_EQ(StateOf(other.status()), "28000");
}

TEST(Scram, VerifiersAsPostgresWritesThem) {
  const std::string text = ToText(VerifierOfTheRfc());
  EXPECT_TRUE(text.starts_with("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$")) << text;
  const auto read = ParseVerifier(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(ToText(*read), text);
  EXPECT_TRUE(Matches(*read, "pencil"));
  EXPECT_FALSE(Matches(*read, "pencils"));
  EXPECT_EQ(text.find("pencil"), std::string::npos);
  const std::vector<std::string> all = {text.substr(1), text.substr(0, text.size() - 1), "SCRAM-SHA-256$0:a$b:c",
                                        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$YQ==:YQ==", "pencil"};
  for (const std::string& broken : all) {
    EXPECT_FALSE(ParseVerifier(broken)) << broken;
  }
}

TEST(Scram, EachVerifierHasASaltOfItsOwn) {
  EXPECT_NE(ToText(MakeVerifier("secret")), ToText(MakeVerifier("secret")));
}

TEST(Scram, PasswordsAreTheSameInAllTheirSpellings) {
  const ScramVerifier verifier = MakeVerifier("Gr\xc3\xbc\xc3\x9f\x65 \xe2\x85\xa3", "salt", 1);  // "Grüße Ⅳ"
  EXPECT_TRUE(Matches(verifier, "Gru\xcc\x88\xc3\x9f\x65 IV"));  // u and a diaeresis, I and V
  EXPECT_TRUE(Matches(MakeVerifier("a\xc2\xa0\x62", "salt", 1), "a b"));  // a space that does not break
  EXPECT_TRUE(Matches(MakeVerifier("\xff\xfe", "salt", 1), "\xff\xfe"));  // no UTF-8: taken as it is
}

TEST(Login, WhoIsNotThereLooksLikeWhoIs) {
  State state = State::BuiltIn();
  const std::string verifier = ToText(MakeVerifier("secret"));
  state.roles[kFirstRole] = {.id = kFirstRole, .name = "alice", .login = true, .verifier = verifier};
  EXPECT_TRUE(Matches(VerifierFor(state, "alice", "server", 0), "secret"));
  const ScramVerifier nobody = VerifierFor(state, "bob", "server", 0);
  EXPECT_EQ(nobody.iterations, 4096);
  EXPECT_EQ(nobody.salt.size(), 16u);
  EXPECT_EQ(nobody.salt, VerifierFor(state, "bob", "server", 0).salt);
  EXPECT_NE(nobody.salt, VerifierFor(state, "carol", "server", 0).salt);
}

TEST(Login, PasswordsEnd) {
  State state = State::BuiltIn();
  const std::string verifier = ToText(MakeVerifier("secret"));
  state.roles[kFirstRole] = {
      .id = kFirstRole, .name = "alice", .login = true, .verifier = verifier, .valid_until = 1000};
  EXPECT_TRUE(Matches(VerifierFor(state, "alice", "server", 1000), "secret"));
  EXPECT_FALSE(Matches(VerifierFor(state, "alice", "server", 1001), "secret"));
}

TEST(Login, PlainMessages) {
  using std::string_literals::operator""s;
  const auto login = ParsePlain("\0alice\0se cret"s);
  ASSERT_TRUE(login.ok());
  EXPECT_EQ(login->user, "alice");
  EXPECT_EQ(login->password, "se cret");
  EXPECT_TRUE(ParsePlain("alice\0alice\0x"s).ok());
  for (const std::string& broken : {""s, "\0"s, "\0a"s, "\0a\0"s, "\0\0b"s, "bob\0alice\0x"s, "\0a\0b\0c"s}) {
    EXPECT_FALSE(ParsePlain(broken).ok());
  }
}

TEST(Login, GuessersWaitLongerAndLonger) {
  LoginDelays delays;
  EXPECT_EQ(delays.Failed("a").count(), 200);
  EXPECT_EQ(delays.Failed("a").count(), 400);
  EXPECT_EQ(delays.Failed("b").count(), 200);
  for (int i = 0; i < 100; ++i) delays.Failed("a");
  EXPECT_EQ(delays.Failed("a").count(), 3000);
  delays.Succeeded("a");
  EXPECT_EQ(delays.Failed("a").count(), 200);
}

TEST(Bytes, Base64) {
  for (const std::string& bytes : {std::string(), std::string("a"), std::string("ab"), std::string("abc\0", 4)}) {
    EXPECT_EQ(FromBase64(ToBase64(bytes)), bytes);
  }
  for (const char* text : {"a", "ab", "abc", "ab=c", "====", "a===", "ab c", "abc\n"}) {
    EXPECT_FALSE(FromBase64(text)) << text;
  }
}

}  // namespace
}  // namespace weir::access
