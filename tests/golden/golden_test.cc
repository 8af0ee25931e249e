// Golden scripts: what each block prints is what stands under it. `orrery play --rewrite FILE` renews one.
// Those of the museum come in pairs: a defect, and the same story without it.
#include <filesystem>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include "host/files.h"
#include "lab/museum.h"
#include "lab/play.h"
#include "source_dir.h"

namespace orrery::lab {
namespace {

const std::string kFolder = std::string(ORRERY_SOURCE_DIR) + "/tests/golden";

std::vector<std::string> scripts() {
  std::vector<std::string> out;
  for (const char* folder : {"", "museum/"}) {
    for (const std::string& name : host::names_in(kFolder + "/" + folder)) {
      if (name.ends_with(".crank")) out.push_back(folder + name);
    }
  }
  return out;
}

class Golden : public testing::TestWithParam<std::string> {};

// Scripts may write data directories: each plays in a folder of its own.
void go_to_fresh_folder() {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / ("golden-" + std::to_string(getpid()));
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  std::filesystem::current_path(folder);
}

TEST_P(Golden, PrintsWhatStandsInTheFile) {
  go_to_fresh_folder();
  auto play = Play::open(kFolder + "/" + GetParam());
  ASSERT_TRUE(play) << play.error().detail;
  while (!play->done()) {
    const Scene scene = play->next();
    ASSERT_FALSE(scene.outcome.error) << scene.outcome.error->detail;
  }
  EXPECT_GT(play->held(), 0U);
}

TEST_P(Golden, RewrittenIsTheSameFile) {
  go_to_fresh_folder();
  const auto bytes = host::read_file(kFolder + "/" + GetParam());
  ASSERT_TRUE(bytes);
  auto script = lang::read_script(GetParam(), *bytes);
  ASSERT_TRUE(script) << script.error().detail;

  const auto again = rewrite(std::move(*script));

  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(lang::to_text(*again), *bytes);
}

INSTANTIATE_TEST_SUITE_P(Scripts, Golden, testing::ValuesIn(scripts()), [](const auto& one) {
  std::string name = one.param.substr(0, one.param.find('.'));
  for (char& c : name) c = c == '-' || c == '/' ? '_' : c;
  return name;
});

TEST(Museum, EveryScriptHasATwinWithoutTheDefect) {
  for (const std::string& name : host::names_in(kFolder + "/museum")) {
    if (!name.ends_with(".crank") || name.ends_with("-fixed.crank")) continue;
    const std::string twin = name.substr(0, name.size() - 6) + "-fixed.crank";
    EXPECT_TRUE(host::file_exists(kFolder + "/museum/" + twin)) << twin;
  }
}

TEST(Museum, ItsPageIsMadeOfItsTableAndItsScripts) {
  const auto page = museum_page(kFolder + "/museum");
  ASSERT_TRUE(page) << page.error().detail;
  EXPECT_EQ(host::read_file(std::string(ORRERY_SOURCE_DIR) + "/docs/museum.md").value_or(""), *page)
      << "orrery quirks --page tests/golden/museum > docs/museum.md";
}

}  // namespace
}  // namespace orrery::lab
