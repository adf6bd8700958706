#include "placement/constraint.h"

#include <gtest/gtest.h>

#include "placement/flow_text.h"
#include "tests/placement/placement_testing.h"

namespace weir::placement {
namespace {

std::string ReadAndWritten(std::string_view text) {
  const Result<Constraints> constraints = ParseConstraints(text);
  return constraints.ok() ? ConstraintsText(*constraints) : ErrorOf(constraints.status());
}

std::string PreferencesReadAndWritten(std::string_view text) {
  const Result<LeasePreferences> preferences = ParseLeasePreferences(text);
  return preferences.ok() ? LeasePreferencesText(*preferences) : ErrorOf(preferences.status());
}

TEST(Constraints, AreReadInEveryForm) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"", "[]"},
      {"[]", "[]"},
      {"{}", "[]"},
      {" [ +region=NODE1 , -ssd ] ", "[+region=NODE1, -ssd]"},
      {"['+region=NODE1', \"-ssd\"]", "[+region=NODE1, -ssd]"},
      {"[+region=NODE1,] # one", "[+region=NODE1]"},
      {"{\"+region=NODE2\": 1,\"+region=NODE1\":2}", "{+region=NODE1: 2, +region=NODE2: 1}"},
      {"{+region=NODE1: 1}", "{+region=NODE1: 1}"},
      {"{'+region=NODE1,+ssd': 2}", "{'+region=NODE1,+ssd': 2}"},
      {"{\"+region=华北\": 1}", "{+region=华北: 1}"},
      {"['+region=a b']", "[+region=a b]"},
      {"['+region=a  b']", "['+region=a  b']"},
      {"['+region=a :b']", "['+region=a :b']"},
      {"[+region=a  b]", "[+region=a b]"},
      {"['+region=it''s']", "[+region=it's]"},
      {"[\"+region=a, b\"]", "['+region=a, b']"},
  };
  for (const auto& [text, written] : cases) {
    EXPECT_EQ(ReadAndWritten(text), written);
    EXPECT_EQ(ReadAndWritten(written), written);
  }
}

TEST(Constraints, AreRefusedWithTheReason) {
  const std::string form = "22023 invalid constraints format. expected an array of strings or a map of strings to ints";
  for (const char* text : {"12", "+region=NODE1", "{\"+region=NODE1\": \"x\"}", "{\"+region=NODE1\": \"1\"}",
                           "{\"+region=NODE1\": 1.5}", "{\"+region=NODE1\": 99999999999}", "[[+region=NODE1]]",
                           "{\"+region=NODE1\": [1]}", "''"}) {
    EXPECT_EQ(ReadAndWritten(text), form) << text;
  }
  const std::string empty = "22023 the empty string is not a valid constraint";
  for (const char* text : {"['']", "[+]", "{'': 1}", "{'+a,,+b': 1}", "[-]"})
    EXPECT_EQ(ReadAndWritten(text), empty) << text;
  EXPECT_EQ(ReadAndWritten("[+a=b=c]"), "22023 constraint needs to be in the form \"(key=)value\", not \"a=b=c\"");
  EXPECT_EQ(ReadAndWritten("[+=b]"), "22023 constraint needs to be in the form \"(key=)value\", not \"=b\"");
}

TEST(Constraints, NameTheLineOfWhatIsNoYaml) {
  EXPECT_EQ(ReadAndWritten("[+region=NODE1"), "22023 yaml: line 1: did not find expected ',' or ']'");
  EXPECT_EQ(ReadAndWritten("[+a,\n{+b}"), "22023 yaml: line 2: did not find expected ':' behind the key \"+b\"");
  EXPECT_EQ(ReadAndWritten("{+a: 1, +a: 2}"), "22023 yaml: line 1: the key \"+a\" is already in the mapping");
  EXPECT_EQ(ReadAndWritten("[+a] x"), "22023 yaml: line 1: did not expect anything behind the value");
  EXPECT_EQ(ReadAndWritten("['+a"), "22023 yaml: line 1: found unexpected end of the text in a quoted value");
  EXPECT_EQ(ReadAndWritten("[\"\\q\"]"), "22023 yaml: line 1: found unknown escape character");
  EXPECT_EQ(ReadAndWritten("[*a]"), "22023 yaml: line 1: found character '*' that cannot start a value");
  EXPECT_EQ(ReadAndWritten(std::string(100'000, '[')), "22023 yaml: line 1: the value is nested too deeply");
}

TEST(LeasePreferences, AreListsOfLists) {
  EXPECT_EQ(PreferencesReadAndWritten("[[+region=NODE1], [-region=NODE2, +ssd]]"),
            "[[+region=NODE1], [-region=NODE2, +ssd]]");
  EXPECT_EQ(PreferencesReadAndWritten("[]"), "[]");
  EXPECT_EQ(PreferencesReadAndWritten("[[]]"), "[[]]");  // refused as a zone
  EXPECT_EQ(PreferencesReadAndWritten("[[a],\n+region=NODE1]"),
            "22023 yaml: unmarshal errors: line 2: lease preferences are a list of lists of constraints");
  EXPECT_EQ(PreferencesReadAndWritten("{a: b}"),
            "22023 yaml: unmarshal errors: line 1: lease preferences are a list of lists of constraints");
}

TEST(Constraints, MatchTiersAndAttributes) {
  const Node node = MakeNode(1, "region=east,zone=a", {"ssd"});
  const auto satisfies = [&](const char* text) {
    return Satisfies(node, ParseConstraints(std::string("[") + text + "]")->front().constraints);
  };
  EXPECT_TRUE(satisfies("+region=east"));
  EXPECT_TRUE(satisfies("+region=east, +zone=a, +ssd, -hdd, -zone=b"));
  EXPECT_FALSE(satisfies("+region=west"));
  EXPECT_FALSE(satisfies("-ssd"));
  EXPECT_FALSE(satisfies("+east"));  // a value of a tier is no attribute
  EXPECT_FALSE(satisfies("+zone=east"));
}

TEST(Constraints, ContradictEachOther) {
  const auto check = [](const char* text) {
    return ErrorOf(CheckCompatible(ParseConstraints(text)->front().constraints));
  };
  EXPECT_EQ(check("[+region=NODE1, +region=NODE2]"),
            "23514 incompatible zone constraints: \"+region=NODE1\" and \"+region=NODE2\"");
  EXPECT_EQ(check("[+region=NODE1, -region=NODE1]"),
            "23514 incompatible zone constraints: \"+region=NODE1\" and \"-region=NODE1\"");
  EXPECT_EQ(check("[+ssd, +ssd]"), "23514 incompatible zone constraints: \"+ssd\" and \"+ssd\"");
  EXPECT_EQ(check("[-ssd, +ssd]"), "23514 incompatible zone constraints: \"-ssd\" and \"+ssd\"");
  EXPECT_EQ(check("[-region=NODE1, -region=NODE2, +zone=a, +ssd, -hdd]"), "OK");
}

TEST(Locality, IsReadTierByTier) {
  EXPECT_EQ(LocalityText(*ParseLocality("region=NODE1,zone=a")), "region=NODE1,zone=a");
  EXPECT_TRUE(ParseLocality("")->empty());
  for (const char* text : {"region", "=a", "region=", "region=a,", ",region=a", "region=a,region=b", "region=a=b"}) {
    EXPECT_EQ(ErrorOf(ParseLocality(text).status()).substr(0, 22), "22023 invalid locality") << text;
  }
  std::string long_text = "t0=x";
  for (int i = 1; i < 17; ++i) long_text += ",t" + std::to_string(i) + "=x";
  EXPECT_EQ(ErrorOf(ParseLocality(long_text).status()),
            "22023 invalid locality \"" + long_text + "\": there are more than 16 tiers");
}

TEST(Locality, DiversityIsComparedFromTheWidestTier) {
  const auto diversity = [](const char* one, const char* other) {
    return Diversity(*ParseLocality(one), *ParseLocality(other));
  };
  EXPECT_EQ(diversity("r=a,z=1", "r=b,z=1"), kDiversityScale);
  EXPECT_EQ(diversity("r=a,z=1", "r=a,z=2"), kDiversityScale / 2);
  EXPECT_EQ(diversity("r=a,z=1", "r=a,z=1"), 0);
  EXPECT_EQ(diversity("r=a", "r=a,z=1"), kDiversityScale / 2);
  EXPECT_EQ(diversity("r=a", "r=b,z=1"), kDiversityScale);
  EXPECT_EQ(diversity("", "r=a"), kDiversityScale);
  EXPECT_EQ(diversity("", ""), 0);
}

}  // namespace
}  // namespace weir::placement
