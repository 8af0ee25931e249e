// Disks go out of a world and back in; the commands over files read what came out.
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/program.h"

namespace orrery {
namespace {

using testing::HasSubstr;

// A folder that a world of one member was ejected into, gone with the object.
class Ejected {
 public:
  explicit Ejected(const std::string& name) : folder_(scratch(name)) {
    std::filesystem::remove_all(folder_);
    const Ran ran =
        orrery("console", text("cluster 1 --as=v3.4.23\nsettle\nput a 1\nput b 2\ndel a\n"
                               "run 200ms\neject n1 {}/n1\n",
                               folder_));
    EXPECT_EQ(ran.status, 0) << ran.err;
  }
  Ejected(const Ejected&) = delete;
  Ejected& operator=(const Ejected&) = delete;
  ~Ejected() { std::filesystem::remove_all(folder_); }

  std::string operator/(const std::string& name) const { return folder_ + "/" + name; }

 private:
  std::string folder_;
};

TEST(Storage, AnEjectedDiskIsDumpedCheckedAndLoadedAgain) {
  const Ejected ejected("ejected");

  const Ran logs = orrery("dump-logs " + (ejected / "n1"));
  EXPECT_EQ(logs.status, 0) << logs.err;
  EXPECT_THAT(logs.out, HasSubstr("put={key=\"a\" value=\"1\"}"));
  EXPECT_THAT(logs.out, HasSubstr("conf_change={ID=0 type=AddNode"));
  const Ran rows = orrery("dump-db " + (ejected / "n1") + " --json");
  EXPECT_EQ(rows.status, 0) << rows.err;
  EXPECT_THAT(rows.out, HasSubstr("\"revision\":\"4.0\",\"tombstone\":true,\"key\":\"YQ==\""));
  const Ran checked = orrery("check-db " + (ejected / "n1/member/snap/db") + " --hashkv");
  EXPECT_EQ(checked.status, 0) << checked.err;
  EXPECT_THAT(checked.out, HasSubstr("revision=4 compact_revision=-1"));

  const Ran loaded = orrery(
      "console",
      text("cluster 1 --as=v3.4.23\nload n1 {}\nuntil leader != none\nget b\nprint rev(n1)\n",
           ejected / "n1"));
  EXPECT_EQ(loaded.status, 0) << loaded.err;
  EXPECT_THAT(loaded.out, testing::EndsWith("\nb\n2\n4\n"));
}

TEST(Storage, ALoadedDiskTravelsInTheSavedRun) {
  const Ejected ejected("saved");
  const std::string run = ejected / "loaded.orrery";
  const Ran loaded =
      orrery("console",
             text("cluster 1 --as=v3.4.23\nload n1 {}\nput c 3\nsave {}\n", ejected / "n1", run));
  ASSERT_EQ(loaded.status, 0) << loaded.err;
  std::filesystem::remove_all(ejected / "n1");

  const Ran replayed = orrery("replay " + run);

  EXPECT_EQ(replayed.status, 0) << replayed.err;
}

TEST(Storage, SnapshotsAreSavedAndRestoredWithoutAMember) {
  const Ejected ejected("snapshot");
  const std::string file = ejected / "backup.db";

  ASSERT_EQ(orrery(text("snapshot save {} {}", ejected / "n1", file)).status, 0);
  const Ran status = orrery("snapshot status --json " + file);
  EXPECT_THAT(status.out, HasSubstr("\"revision\":4"));
  const Ran restored =
      orrery(text("snapshot restore {} --data-dir {} --name n1 --as v3.4.23 "
                  "--initial-advertise-peer-urls http://127.0.0.1:2380",
                  file, ejected / "new"));
  ASSERT_EQ(restored.status, 0) << restored.err;
  const Ran differs = orrery(text("diff-db {} {}", ejected / "n1", ejected / "new"));
  EXPECT_EQ(differs.status, 1);
  EXPECT_THAT(differs.out, HasSubstr("differs_a bucket=meta name=consistent_index"));
  EXPECT_THAT(differs.out, testing::Not(HasSubstr("bucket=key")));
  const Ran loaded = orrery(
      "console",
      text("cluster 1 --as=v3.4.23\nload n1 {}\nuntil leader != none\nget b\n", ejected / "new"));
  EXPECT_THAT(loaded.out, testing::EndsWith("\nb\n2\n")) << loaded.err;
}

TEST(Storage, BadInputIsNamed) {
  const Ejected ejected("bad");
  const std::string db = ejected / "n1/member/snap/db";
  std::string bytes = host::read_file(db).value_or("");
  bytes.resize(bytes.size() / 2);
  ASSERT_TRUE(host::write_file(db, bytes));

  EXPECT_EQ(orrery("check-db " + db).status, 1);
  EXPECT_EQ(orrery("dump-db " + db).status, 1);
  EXPECT_EQ(orrery("dump-logs " + (ejected / "nothing")).status, 2);
  EXPECT_EQ(orrery("dump-db " + (ejected / "nothing")).status, 2);
  const Ran full = orrery("console", text("cluster 1\neject n1 {}\n", ejected / "n1"));
  EXPECT_THAT(full.err, HasSubstr("not empty"));
}

}  // namespace
}  // namespace orrery
