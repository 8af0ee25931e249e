// Lines as etcdctl takes them: its name in front, flags before the command, endpoints by address, tables.
#include <gtest/gtest.h>

#include "lang/interpreter.h"
#include "lang/parser.h"
#include "lang/submission.h"
#include "lang/text_table.h"

namespace orrery::lang {
namespace {

TEST(EtcdctlLine, FlagsMayStandBeforeTheCommand) {
  const auto before = parse_command_text("t", "etcdctl --endpoints=n2 -w json get hello --prefix");
  const auto after = parse_command_text("t", "get hello --prefix --endpoints=n2 -w json");

  ASSERT_TRUE(before) << before.error().detail;
  ASSERT_TRUE(after);
  EXPECT_EQ(*before, *after);
}

TEST(EtcdctlLine, ATransactionInFrontOfItsLines) {
  const auto command = parse_command_text("t", "--user=a:b txn\n\nput a 1\n\n\n");
  ASSERT_TRUE(command) << command.error().detail;
  EXPECT_EQ(std::get<Txn>(command->body).success.size(), 1U);
}

TEST(EtcdctlLine, OnlyFlagsIsAnError) {
  EXPECT_FALSE(parse_command_text("t", "--endpoints=n2"));
  EXPECT_FALSE(parse_command_text("t", "etcdctl etcdctl get a"));
}

client::BeginCall begun(const std::string& line) {
  const sim::World world(sim::Config{});
  const auto command = parse_command_text("t", line);
  EXPECT_TRUE(command) << command.error().detail;
  const auto submit = submission_of(command->body, world);
  EXPECT_TRUE(submit) << submit.error().detail;
  return std::get<client::BeginCall>(submit->command);
}

TEST(EtcdctlLine, EndpointsAreMembersOrTheirAddresses) {
  EXPECT_EQ(begun("get a --endpoints=127.0.0.1:2379").via, 1U);
  EXPECT_EQ(begun("get a --endpoints=http://127.0.0.1:22379").via, 2U);
  EXPECT_EQ(begun("get a --endpoints=n3").via, 3U);
  EXPECT_EQ(begun("get a --endpoints=n3,127.0.0.1:2379").among, (std::vector<std::uint32_t>{3, 1}));
  EXPECT_EQ(begun("get a --endpoints=n3,n1").via, 0U);
}

TEST(EtcdctlLine, EndpointAndDefragAskEachForItself) {
  EXPECT_TRUE(begun("endpoint health").each);
  EXPECT_EQ(begun("endpoint status --cluster").among.size(), 3U);
  EXPECT_EQ(begun("defrag").among, std::vector<std::uint32_t>{1});
  EXPECT_FALSE(begun("get a --endpoints=n1,n2").each);
}

TEST(EtcdctlLine, AnAddressOfNobodyIsAnError) {
  const sim::World world(sim::Config{});
  const auto command = parse_command_text("t", "get a --endpoints=127.0.0.1:1");
  ASSERT_TRUE(command);
  EXPECT_EQ(submission_of(command->body, world).error().detail, "there is no member 127.0.0.1:1");
}

TEST(TextTable, HeadingsStandInTheMiddleAndCellsToTheRight) {
  EXPECT_EQ(table_text({"id", "a name"}, {{"1", "x"}, {"12345", "yy"}}),
            "+-------+--------+\n"
            "|  ID   | A NAME |\n"
            "+-------+--------+\n"
            "|     1 |      x |\n"
            "| 12345 |     yy |\n"
            "+-------+--------+\n");
}

TEST(TextTable, CellsAreWhatCommasDivide) {
  EXPECT_EQ(cells_of("a, b c, \n"), (TableRow{"a", "b c", ""}));
}

TEST(TextTable, SizesHaveOneDigitBehindThePointBelowTen) {
  EXPECT_EQ(size_text(999), "999 B");
  EXPECT_EQ(size_text(20'480), "20 kB");
  EXPECT_EQ(size_text(2'100'000), "2.1 MB");
}

TEST(ProgramLine, EveryProgramReadsBackAsItIsWritten) {
  for (const std::string line :
       {"lock mutex --name=a", "lock mutex --ttl=5 --name=a --client=c2 echo held",
        "elect boss bob", "elect --listen boss", "agent /task/ --faulty", "informer /p/ --name=i",
        "transfer a b 10 --isolation=serializable", "monkey --deeds=3 --every=20ms --restarts",
        "snapshot save x.db", "snapshot status x.db -w json", "watch a --name=w2 --with=w1",
        "lease keep-alive 70cc", "endpoint health --cluster -w table",
        "cluster 3 --quota-backend-bytes=100 --snapshot-count=5 --snapshot-catchup-entries=2"}) {
    const auto command = parse_command_text("t", line);
    ASSERT_TRUE(command) << line << ": " << command.error().detail;
    const auto again = parse_command_text("t", to_text(command->body));
    ASSERT_TRUE(again) << to_text(command->body) << ": " << again.error().detail;
    EXPECT_EQ(*again, *command) << to_text(command->body);
  }
}

}  // namespace
}  // namespace orrery::lang
