// Conversations of etcdctl 3.4.23 with a stock etcd, played again in a world: every line is answered as it was there.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <regex>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "host/files.h"
#include "lab/session.h"
#include "lang/parser.h"
#include "lang/submission.h"
#include "lang/world_terms.h"
#include "server/membership.h"
#include "source_dir.h"
#include "tests/golden/etcdctl/case_file.h"
#include "tests/golden/etcdctl/tokens.h"

namespace orrery::conversation {
namespace {

using nlohmann::json;

const std::string kFolder = std::string(ORRERY_SOURCE_DIR) + "/../shared/etcdctl-cases/give";

std::vector<std::string> cut(const std::string& lines) {
  std::vector<std::string> out;
  for (const lang::SourceLine& line : lang::lines_of("", lines)) out.push_back(line.text);
  return out;
}

// What etcdctl has said to one command.
struct Heard {
  std::vector<std::string> out;
  std::vector<std::string> err;
  int status = 0;
};

class Player {
 public:
  explicit Player(const CaseFile& file) : file_(file) {
    const std::uint32_t count = file.needs_word("cluster") ? 3 : 1;
    run(text("cluster {} --seed 3 --as v3.4.23", count));
    run("until leader != none within 10s");
    run("settle");
    tokens_.fresh = file.needs_word("fresh");
    tokens_.folder = testing::TempDir() + "conversation";
    std::filesystem::create_directories(tokens_.folder);
    for (std::uint32_t no = 1; no <= count; ++no) {
      tokens_.members.insert(world().member(no).id().value());
      tokens_.endpoints.push_back(server::client_url_of(no).substr(std::string("http://").size()));
    }
    tokens_.cluster = world().member(1).plan().cluster_id;
    tokens_.base = world().member(1).running().store.current_revision();
    leader_ = lang::leader_number(world());
  }

  std::vector<std::string> answer(const CaseStep& step) {
    if (step.kind == '@') return directive(step);
    if (step.options.contains("watch") || step.options.contains("bg")) return watched(step);
    const bool again = step.options.contains("retry");
    Heard heard = ask(filled(step.text), step.input);
    for (int turn = 0; again && heard.status != 0 && turn < 50; ++turn) {
      run("run 300ms");
      heard = ask(filled(step.text), step.input);
    }
    last_ = heard.out;
    if (step.options.contains("quiet")) return {};
    for (std::string& line : heard.out) line = tokens_.line(line);
    return listed(heard, step.options.contains("sort"));
  }

 private:
  const sim::World& world() const { return session_.interpreter().world(); }

  lang::Outcome run(const std::string& lines) {
    const auto command = lang::parse_command_text("case", lines);
    EXPECT_TRUE(command) << command.error().detail;
    if (!command) return {};
    return session_.execute(*command, lang::to_text(command->body));
  }

  Heard ask(const std::string& line, const std::vector<std::string>& input) {
    std::string lines = line;
    for (const std::string& one : input) lines += "\n" + one;
    const lang::Outcome outcome = run(lines);
    EXPECT_FALSE(outcome.error) << line << ": " << outcome.error->detail;
    Heard heard{.out = {}, .err = {}, .status = outcome.exit_status};
    for (const lang::Piece& piece : outcome.pieces) {
      auto& into = piece.kind == lang::Piece::Kind::Output ? heard.out : heard.err;
      const bool told =
          piece.kind == lang::Piece::Kind::Output || piece.kind == lang::Piece::Kind::Error;
      if (!told) continue;
      for (std::string& one : cut(piece.text)) {
        // What a watch in the background is told stands on its own terminal.
        if (!waiting_.empty() && one.starts_with("{\"Header\":")) continue;
        into.push_back(std::move(one));
      }
    }
    return heard;
  }

  std::vector<std::string> listed(Heard heard, bool sorted) const {
    for (std::string& line : heard.err) line = tokens_.text(line);
    if (sorted) {
      std::ranges::sort(heard.out);
      std::ranges::sort(heard.err);
    }
    std::vector<std::string> out;
    for (const std::string& line : heard.out) out.push_back(line.empty() ? "|" : "| " + line);
    for (const std::string& line : heard.err) {
      if (!line.empty()) out.push_back("E " + line);
    }
    if (heard.status != 0) out.push_back(text("rc {}", heard.status));
    for (std::string& line : out) line.resize(line.find_last_not_of(' ') + 1);
    return out;
  }

  std::vector<std::string> watched(const CaseStep& step) {
    const std::string name =
        step.options.contains("bg") ? step.options.at("bg") : text("once{}", ++watches_);
    run(filled(step.text) + " --name " + name);
    if (step.options.contains("bg")) {
      waiting_[name] = step.options;
      return {};
    }
    return collected(name, step.options);
  }

  // Until enough events came, the watch ended, or the time is up; then a little longer: nothing more may come.
  std::vector<std::string> collected(const std::string& name,
                                     const std::map<std::string, std::string>& options) {
    const std::string wait = options.contains("wait") ? options.at("wait") : "6";
    run(text("until events({}) >= {} or {}.canceled within {}s", name, options.at("watch"), name,
             wait));
    run("run 150ms");
    const lang::FoundWatch found = lang::find_watch(world(), name);
    Heard heard;
    for (const rpc::WatchResponse& response : found.watch->responses) {
      const lang::Printed printed = lang::print_response(*found.watch, response);
      for (std::string& line : cut(printed.out)) heard.out.push_back(std::move(line));
      for (std::string& line : cut(printed.err)) heard.err.push_back(std::move(line));
      if (printed.exit_status != 0) heard.status = printed.exit_status;
    }
    run("cancel " + name);
    heard.out = tokens_.events(heard.out);
    return listed(heard, false);
  }

  std::vector<std::string> directive(const CaseStep& step) {
    std::vector<std::string> words;
    for (std::istringstream in(step.text); in;) {
      if (std::string word; in >> word) words.push_back(word);
    }
    if (words[0] == "sleep") {
      run(text("run {}ms", static_cast<int>(std::stod(words[1]) * 1000)));
    } else if (words[0] == "capture") {
      capture(words[1], words[2]);
    } else if (words[0] == "join") {
      return collected(words[1], waiting_.at(words[1]));
    } else {
      ADD_FAILURE() << step.line << ": unknown directive " << words[0];
    }
    return {};
  }

  void capture(const std::string& name, const std::string& path) {
    static const std::regex kPart(R"(\.(\w+)|\[(-?\d+)\])");
    ASSERT_FALSE(last_.empty());
    json at = json::parse(last_.front());
    for (std::sregex_iterator part(path.begin(), path.end(), kPart), end; part != end; ++part) {
      at = (*part)[1].matched ? json(at.at((*part)[1].str()))
                              : json(at.at(static_cast<std::size_t>(std::stoi((*part)[2].str()))));
    }
    tokens_.caught[name] = at.get<std::uint64_t>();
  }

  std::string filled(const std::string& line) const {
    static const std::regex kPlace(R"(\{([A-Za-z0-9_+-]+)\})");
    std::string out;
    std::string rest = line;
    for (std::smatch found; std::regex_search(rest, found, kPlace); rest = found.suffix()) {
      out += found.prefix().str() + value_of(found[1].str());
    }
    return out + rest;
  }

  std::string hex(std::uint32_t no) const { return text("{:x}", world().member(no).id().value()); }

  std::string value_of(const std::string& name) const {
    static const std::regex kRevision(R"(R([+-]\d+)?)");
    if (std::smatch found; std::regex_match(name, found, kRevision)) {
      return std::to_string(tokens_.base + (found[1].matched ? std::stoi(found[1].str()) : 0));
    }
    if (tokens_.caught.contains(name)) return text("{:x}", tokens_.caught.at(name));
    const std::uint32_t follower = leader_ == 1 ? 2 : 1;
    if (name == "TMP") return tokens_.folder;
    if (name == "LEADER_EP") return tokens_.endpoints[leader_ - 1];
    if (name == "FOLLOWER_EP") return tokens_.endpoints.at(follower - 1);
    if (name == "LEADER") return hex(leader_);
    if (name == "FOLLOWER") return hex(follower);
    if (name.starts_with("EP") && name.size() == 3 && name[2] != 'S') {
      return tokens_.endpoints.at(static_cast<std::size_t>(name[2] - '1'));
    }
    if (name.starts_with("M")) return hex(static_cast<std::uint32_t>(name[1] - '0'));
    std::string all;
    for (const std::string& one : tokens_.endpoints) all += (all.empty() ? "" : ",") + one;
    return name == "EPS" ? all : "{" + name + "}";
  }

  const CaseFile& file_;
  lab::Session session_;
  Tokens tokens_;
  std::uint32_t leader_ = 1;
  int watches_ = 0;
  std::map<std::string, std::map<std::string, std::string>> waiting_;
  std::vector<std::string> last_;
};

std::vector<std::string> cases() {
  std::vector<std::string> out;
  for (const std::string& name : host::names_in(kFolder)) {
    if (name.ends_with(".case")) out.push_back(name);
  }
  std::ranges::sort(out);
  if (out.empty()) std::cout << "no recorded conversations at " << kFolder << ": nothing to play\n";
  return out;
}

class Conversation : public testing::TestWithParam<std::string> {};

TEST_P(Conversation, IsAnsweredLineForLine) {
  const auto bytes = host::read_file(kFolder + "/" + GetParam());
  ASSERT_TRUE(bytes);
  const auto file = read_case(GetParam(), *bytes);
  ASSERT_TRUE(file) << file.error().detail;
  ASSERT_FALSE(file->steps.empty());
  Player player(*file);

  for (const CaseStep& step : file->steps) {
    EXPECT_EQ(player.answer(step), step.expected)
        << GetParam() << ":" << step.line << ": " << step.text;
  }
}

INSTANTIATE_TEST_SUITE_P(Recorded, Conversation, testing::ValuesIn(cases()), [](const auto& one) {
  std::string name = one.param.substr(0, one.param.find('.'));
  for (char& c : name) c = c == '-' ? '_' : c;
  return "case_" + name;
});
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Conversation);

}  // namespace
}  // namespace orrery::conversation
