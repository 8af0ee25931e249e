#include "cli/mirror_script.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/mirror_cluster.h"
#include "cli/print.h"
#include "cli/serve.h"
#include "host/files.h"
#include "lang/interpreter.h"
#include "lang/parser.h"
#include "lang/script.h"
#include "lang/submission.h"
#include "lang/world_terms.h"
#include "proto/methods.h"
#include "proto/rpc_codec.h"

namespace orrery::cli {

namespace {

using Clock = std::chrono::steady_clock;
using door::Lines;

constexpr Nanos kLongestWait = seconds(60);
constexpr Nanos kEventPatience = seconds(3);
constexpr Nanos kSurplusPatience = millis(200);

enum class Kind : std::uint8_t { Call, Watch, Cancel, Repeat, OfTheModel, Look, Program, LeftOut };

template <class T, class... Ts>
constexpr bool kIsOneOf = (std::is_same_v<T, Ts> || ...);

template <class T>
constexpr Kind kind_of_type() {
  using namespace lang;
  if (kIsOneOf<T, Put, Get, Del, Txn, Compact, LeaseCall, UserCall, RoleCall, AuthCall, MemberCall,
               AlarmCall, EndpointCall, DefragCall, MoveLeaderCall>) {
    return Kind::Call;
  }
  if (kIsOneOf<T, lang::Watch>) return Kind::Watch;
  if (kIsOneOf<T, CancelWatch>) return Kind::Cancel;
  if (kIsOneOf<T, lang::Repeat>) return Kind::Repeat;
  if (kIsOneOf<T, Cluster, Until, Settle, Run, Step>) return Kind::OfTheModel;
  if (kIsOneOf<T, RunProgram, Poll>) return Kind::Program;
  if (kIsOneOf<T, Next, Enabled, Mark, Branches, Why, Show, Print, History, Diff, Counters, Expect,
               ExpectOutput, Always, Break, Forget, Claims, Save, Say, Ask, Answer, Help, Quit>) {
    return Kind::Look;
  }
  return Kind::LeftOut;
}

Kind kind_of(const lang::CommandBody& body) {
  return std::visit([](const auto& held) { return kind_of_type<std::decay_t<decltype(held)>>(); },
                    body);
}

// Answered before the next command, whatever the script says.
lang::Command in_foreground(lang::Command command) {
  std::visit(
      [](auto& held) {
        if constexpr (requires { held.call.background; }) held.call.background = false;
      },
      command.body);
  return command;
}

// A watch that the model has and the cluster, too.
struct Pair {
  std::uint32_t line = 0;
  std::string words;
  std::unique_ptr<door::CallerStream> stream;  // null = refused
  Lines heard;                                 // of the cluster
};

// "created" alone says nothing.
void add_heard(Lines& to, const Lines& lines) {
  constexpr std::string_view kCreated = "created: true";
  for (std::string line : lines) {
    if (line == kCreated) continue;
    if (line.starts_with("created: true, ")) line.erase(0, kCreated.size() + 2);
    to.push_back(std::move(line));
  }
}

class Mirror {
 public:
  Mirror(const MirrorOptions& options, MirroredCluster cluster)
      : options_(options), cluster_(std::move(cluster)) {}

  int play(const lang::Script& script) {
    for (const lang::ScriptBlock& block : script.blocks) {
      for (const lang::Command& command : block.commands) perform(command);
    }
    finish();
    err(text("orrery: {} answer(s) and watch(es) compared, {} differ(s), {} command(s) left out\n",
             compared_, differing_, left_out_));
    return differing_ == 0 ? kHolds : kDoesNotHold;
  }

 private:
  const sim::World& world() const { return model_.world(); }

  void perform(const lang::Command& command) {
    switch (kind_of(command.body)) {
      case Kind::Call: return call(command);
      case Kind::Watch: return watch(command);
      case Kind::Cancel: return cancel(command);
      case Kind::Repeat: return repeat(command);
      case Kind::OfTheModel: return turn_crank(command);
      case Kind::Look: return leave_out(command, "it only looks");
      case Kind::Program: return leave_out(command, "it goes on by itself, no single call");
      case Kind::LeftOut: return leave_out(command, "no client's command");
    }
  }

  // -- what is no client's

  void leave_out(const lang::Command& command, std::string_view why) {
    ++left_out_;
    out(text("{:>4} {}\n     left out: {}\n", command.place.line, lang::to_text(command.body),
             why));
  }

  // Of the cluster's line of releases. A preset names its own; nothing is said of it.
  bool is_as_new(const std::string& version) const {
    const auto wanted = version_of(version);
    const auto here = version_of(cluster_.version());
    return version.empty() || (wanted && here && *wanted == *here);
  }

  void turn_crank(lang::Command command) {
    if (auto* wanted = std::get_if<lang::Cluster>(&command.body)) {
      if (began_) return leave_out(command, "the cluster cannot begin anew");
      if (wanted->version.empty() && wanted->preset.empty()) {
        wanted->version = "v" + cluster_.version();
      } else if (!is_as_new(wanted->version)) {
        err(text("orrery: the script names the release {}, and the cluster is {}\n",
                 wanted->version, cluster_.version()));
      }
      is_made_ = true;
    }
    const lang::Outcome outcome = model_.execute(command);
    leave_out(command, outcome.error ? "of the model alone, which says: " + outcome.error->detail
                                     : std::string("of the model alone"));
  }

  void repeat(const lang::Command& command) {
    const auto& wanted = std::get<lang::Repeat>(command.body);
    for (std::uint64_t turn = 1; turn <= wanted.count; ++turn) {
      std::string line = wanted.line;
      for (std::size_t at = line.find('%'); at != std::string::npos; at = line.find('%', at + 1)) {
        line.replace(at, 1, std::to_string(turn));
      }
      auto one = lang::parse_command_text(command.place.file, line);
      if (!one) return leave_out(command, one.error().detail);
      one->place = command.place;
      perform(*one);
    }
  }

  // -- before a client's command

  // A script that says nothing of a cluster has the usual one.
  void begin() {
    if (began_) return;
    if (!is_made_) {
      lang::Cluster usual;
      usual.version = "v" + cluster_.version();
      lang::Command command;
      command.body = usual;
      (void)model_.execute(command);
    }
    for (const char* line : {"until leader != none within 10s", "settle"}) {
      const auto command = lang::parse_command_text("", line);
      if (command && (lang::leader_number(world()) == 0 || std::string_view(line) == "settle")) {
        (void)model_.execute(*command);
      }
    }
    std::vector<std::uint64_t> ids;
    for (std::uint32_t no = 1; no <= world().member_count(); ++no) {
      ids.push_back(world().member(no).id().value());
    }
    cluster_.pair_members(ids);
    began_ = true;
    model_base_ = world().now();
    base_ = Clock::now();
  }

  // The cluster gets the time that has passed in the model.
  void wait_for_model() {
    const std::int64_t passed = world().now().value() - model_base_.value();
    const auto there = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - base_);
    const std::int64_t left = passed - there.count();
    if (left <= 0) return;
    if (left > kLongestWait.value()) {
      ++left_out_;
      out(text("     left out: {} s of waiting\n", left / 1'000'000'000));
      model_base_ = Nanos(model_base_.value() + left);
      return;
    }
    std::this_thread::sleep_for(std::chrono::nanoseconds(left));
  }

  // -- calls

  static Lines lines_of(const rpc::Request& request,
                        const std::optional<server::CallAnswer>& answer) {
    if (!answer) return {"no answer"};
    if (answer->error) {
      return door::error_lines(grpc_code(answer->error->code), answer->error->detail);
    }
    return door::answer_lines(rpc::method_of(request)->path,
                              rpc::encode_response(answer->response));
  }

  void call(const lang::Command& command) {
    begin();
    wait_for_model();
    const lang::Command foreground = in_foreground(command);
    const auto submit = lang::submission_of(foreground.body, world());
    if (!submit) return leave_out(command, submit.error().detail);
    const auto* asked = std::get_if<client::BeginCall>(&submit->command);
    if (asked == nullptr || rpc::method_of(asked->request) == nullptr) {
      return leave_out(command, "no call");
    }
    const auto* known = world().clients().find(submit->client);
    const std::uint64_t number = known == nullptr ? 1 : (*known)->next_call();
    const lang::Outcome outcome = model_.execute(foreground);
    const auto* client = world().clients().find(submit->client);
    const client::Call* done = client == nullptr ? nullptr : (*client)->calls().find(number);
    if (done == nullptr) {
      return leave_out(command, outcome.error ? outcome.error->detail : "the model made no call");
    }
    compare_call(command, *asked, *done);
  }

  void compare_call(const lang::Command& command, const client::BeginCall& asked,
                    const client::Call& done) {
    const auto compare_one = [&](std::uint32_t via,
                                 const std::optional<server::CallAnswer>& answer) {
      const bool is_good = answer && !answer->error;
      const Lines there =
          cluster_.ask(via, asked.login, asked.request, is_good ? &answer->response : nullptr);
      compare(command.place.line, lang::to_text(command.body), lines_of(done.request, answer),
              there);
    };
    if (!asked.each) return compare_one(asked.via != 0 ? asked.via : 1, done.answer);
    for (const client::CallPart& part : done.parts) compare_one(part.via, part.answer);
  }

  void compare(std::uint32_t line, const std::string& words, const Lines& model,
               const Lines& there) {
    ++compared_;
    const bool is_same = door::are_same(model, there);
    if (!is_same) ++differing_;
    if (is_same && options_.quiet) return;
    out(text("{:>4} {}\n     {}\n", line, words, is_same ? "same" : "DIFFERS"));
    if (!is_same) out(door::side_by_side(model, there));
  }

  // -- watches

  void watch(const lang::Command& command) {
    begin();
    wait_for_model();
    const lang::Command foreground = in_foreground(command);
    const auto submit = lang::submission_of(foreground.body, world());
    if (!submit) return leave_out(command, submit.error().detail);
    const auto& asked = std::get<client::BeginWatch>(submit->command);
    const lang::Outcome outcome = model_.execute(foreground);
    if (outcome.error) return leave_out(command, outcome.error->detail);
    auto opened = cluster_.watch(asked.via == 0 ? 1 : asked.via, asked.login, asked.request);
    Pair pair{.line = command.place.line,
              .words = lang::to_text(command.body),
              .stream = std::move(opened.stream),
              .heard = {}};
    add_heard(pair.heard, opened.refusal);
    pairs_.insert_or_assign(asked.name, std::move(pair));
  }

  Lines model_heard(const std::string& name) const {
    Lines out;
    const client::Watch* found = lang::find_watch(world(), name).watch;
    if (found == nullptr) return out;
    for (const auto* responses : {&found->responses, &found->unread}) {
      for (const rpc::WatchResponse& response : *responses) {
        add_heard(out, door::watch_lines(rpc::encode(response)));
      }
    }
    return out;
  }

  // Until it has heard so much, or nothing comes any more.
  static void listen(Pair& pair, std::size_t wanted, Nanos patience) {
    if (pair.stream == nullptr) return;
    while (pair.heard.size() < wanted) {
      const auto response = pair.stream->read(patience);
      if (!response) return;
      add_heard(pair.heard, door::watch_lines(*response));
    }
  }

  // As much as the model has heard; and, a moment later, what came besides.
  void end_watches(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      listen(pairs_.at(name), model_heard(name).size(), kEventPatience);
    }
    std::this_thread::sleep_for(std::chrono::nanoseconds(kSurplusPatience.value()));
    for (const std::string& name : names) {
      Pair& pair = pairs_.at(name);
      const Lines model = model_heard(name);
      listen(pair, std::numeric_limits<std::size_t>::max(), Nanos(0));
      compare(pair.line, text("{} ({} line(s) heard)", pair.words, model.size()), model,
              pair.heard);
      pairs_.erase(name);
    }
  }

  void settle() {
    const auto command = lang::parse_command_text("", "settle");
    if (command) (void)model_.execute(*command);
  }

  void cancel(const lang::Command& command) {
    const std::string& name = std::get<lang::CancelWatch>(command.body).watch;
    if (!pairs_.contains(name)) return leave_out(command, "no watch of this name is compared");
    settle();
    wait_for_model();
    end_watches({name});
    (void)model_.execute(command);
  }

  void finish() {
    if (pairs_.empty()) return;
    settle();
    wait_for_model();
    std::vector<std::string> names;
    names.reserve(pairs_.size());
    for (const auto& [name, pair] : pairs_) names.push_back(name);
    end_watches(names);
  }

  const MirrorOptions& options_;
  MirroredCluster cluster_;
  lang::Interpreter model_;
  bool is_made_ = false;  // the script has said of what kind the cluster is
  bool began_ = false;    // a client has asked something
  Nanos model_base_;      // what the model's clock showed when `base_` was
  Clock::time_point base_;
  std::map<std::string, Pair> pairs_;  // by the watch's name
  std::size_t compared_ = 0;
  std::size_t differing_ = 0;
  std::size_t left_out_ = 0;
};

client::Login login_of(const std::string& user) {
  const std::size_t colon = user.find(':');
  if (colon == std::string::npos) return {.name = user, .password = {}};
  return {.name = user.substr(0, colon), .password = user.substr(colon + 1)};
}

}  // namespace

bool is_of_clients_alone(const lang::Script& script) {
  std::size_t clusters = 0;
  for (const lang::ScriptBlock& block : script.blocks) {
    for (const lang::Command& command : block.commands) {
      const Kind kind = kind_of(command.body);
      if (kind == Kind::LeftOut || kind == Kind::Program) return false;
      if (std::holds_alternative<lang::Cluster>(command.body)) ++clusters;
    }
  }
  return clusters <= 1;
}

int mirror_script(const MirrorOptions& options) {
  const auto words = host::read_file(options.file);
  if (!words) return stopped(words.error());
  const auto script = lang::read_script(options.file, *words);
  if (!script) return stopped(script.error());
  auto cluster = MirroredCluster::reach(options.endpoints, login_of(options.user));
  if (!cluster) return stopped(cluster.error());
  return Mirror(options, std::move(*cluster)).play(*script);
}

}  // namespace orrery::cli
