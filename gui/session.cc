#include "gui/session.h"

#include <algorithm>
#include <iterator>

#include "base/overloaded.h"
#include "gui/claim_lights.h"
#include "gui/words.h"
#include "lang/parser.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr std::size_t kConsoleLines = 5'000;

// What a reader would not wait for is looked at when it is asked for: show violations.
constexpr std::size_t kLookedAtAtOnce = 3'000;  // steps
constexpr std::int64_t kSmallHistory = 1'000;   // revisions
constexpr std::size_t kSmallCalls = 1'000;

bool is_small(const sim::World& world) {
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    if (!world.member(no).up()) continue;
    if (world.member(no).running().store.current_revision() > kSmallHistory) return false;
  }
  return std::ranges::all_of(world.clients(), [](const auto& client) {
    return client.second->calls().size() <= kSmallCalls;
  });
}

std::size_t length_of(const sim::Timeline& timeline) {
  return timeline.branches()[timeline.branch()].length();
}

// The guard that settled a step: the last that refused, else the last.
int deciding_of(const std::vector<GuardRecord>& guards) {
  for (std::size_t i = guards.size(); i > 0; --i) {
    if (!guards[i - 1].held) return static_cast<int>(i - 1);
  }
  return static_cast<int>(guards.size()) - 1;
}

}  // namespace

Session::Session(QObject* parent) : QObject(parent), run_(std::make_unique<lab::Session>()) {
  base_ = world();
  steps_.update(timeline());
  connect(&keeper_, &Doorkeeper::rung, this, &Session::attend_door);
  connect(&keeper_, &Doorkeeper::changed, this, &Session::door_changed);
}

Session::~Session() = default;

bool Session::execute(const QString& line) {
  const QString trimmed = line.trimmed();
  if (trimmed.isEmpty()) return false;
  say(ConsoleLine::Kind::Command, trimmed);
  typed_.removeAll(trimmed);
  typed_ << trimmed;
  const Stand before = stand();
  const bool done = perform(trimmed);
  checks_.reset();  // `always` and `break` change no world
  if (stand() != before) stood_.push_back(before);
  Q_EMIT console_changed();
  return done;
}

bool Session::perform(const QString& line) {
  const sim::World before = world();
  const std::size_t from = position();
  const sim::BranchNo branch = timeline().branch();
  const std::size_t length = length_of(timeline());
  const std::size_t branches = timeline().branches().size();
  const auto command = lang::parse_command_text("console", line.toStdString());
  if (!command) {
    say(ConsoleLine::Kind::Error, q(command.error().detail));
    return false;
  }
  lang::Outcome outcome = run_->execute(*command, line.toStdString());
  if (const auto* wish = std::get_if<lang::Door>(&outcome.demand)) {
    const auto done = keeper_.obey(*wish, run_->interpreter());
    if (done) outcome.add(lang::Piece::Kind::Output, done->toStdString() + "\n");
    if (!done) outcome.error = done.error();
  }
  show(outcome);
  for (const QString& one : keeper_.attend(run_->interpreter())) say(ConsoleLine::Kind::Note, one);
  moved(before, from, branch, length);
  if (timeline().branches().size() == branches + 1) announce_branch();
  return !outcome.error.has_value();
}

// Who comes does not wait for the reader's next act, and does not move the cursor out of the past.
void Session::attend_door() {
  const sim::World before = world();
  const std::size_t from = position();
  const sim::BranchNo branch = timeline().branch();
  const std::size_t length = length_of(timeline());
  const QStringList lines = keeper_.attend(run_->interpreter());
  for (const QString& one : lines) say(ConsoleLine::Kind::Note, one);
  moved(before, from, branch, length);
  if (!lines.isEmpty()) Q_EMIT console_changed();
}

void Session::show(const lang::Outcome& outcome) {
  for (const lang::Piece& piece : outcome.pieces) {
    ConsoleLine::Kind kind = ConsoleLine::Kind::Output;
    if (piece.kind == lang::Piece::Kind::Error) kind = ConsoleLine::Kind::Error;
    if (piece.kind == lang::Piece::Kind::Note || piece.kind == lang::Piece::Kind::Say) {
      kind = ConsoleLine::Kind::Note;
    }
    QString text = q(piece.text);
    while (text.endsWith(QLatin1Char('\n'))) text.chop(1);
    say(kind, text);
  }
  if (outcome.error) say(ConsoleLine::Kind::Error, q(outcome.error->detail));
}

bool Session::execute_quietly(const QString& line) {
  const std::size_t said = console_.size();
  const bool done = perform(line);
  if (console_.size() != said) Q_EMIT console_changed();
  return done;
}

void Session::note_performed(const QString& line) {
  say(ConsoleLine::Kind::Command, line);
  Q_EMIT console_changed();
}

void Session::scrub(std::size_t position) {
  const sim::World before = world();
  const std::size_t from = this->position();
  const lang::Command jump{.place = {},
                           .body = lang::Jump{.to = std::min(position, length_of(timeline()))}};
  if (run_->execute(jump, lang::to_text(jump.body)).error) return;
  moved(before, from, timeline().branch(), length_of(timeline()));
}

void Session::moved(const sim::World& before, std::size_t from, sim::BranchNo branch,
                    std::size_t length) {
  const bool same_place = timeline().branch() == branch && position() == from;
  const bool grown = timeline().branch() != branch || length_of(timeline()) != length;
  if (same_place && !grown) return;
  if (grown) steps_.update(timeline());
  // Only a new timeline is shorter than the one before.
  if (length_of(timeline()) < length) sampler_ = {};
  if (!pinned_) {
    // Forwards: what the act changed. Backwards: what the step that led here had changed.
    const bool forwards = position() > from && (timeline().branch() == branch || grown);
    base_ = forwards ? before : world_before(position());
  }
  forget_derived();
  if (grown) Q_EMIT history_changed();
  Q_EMIT cursor_moved();
}

void Session::forget_derived() {
  why_.reset();
  checks_.reset();
}

bool Session::step() {
  const bool in_past = !timeline().at_tip();
  if (detail_ == Detail::Engineer) return execute(in_past ? u"forward"_s : u"step phase"_s);
  if (!in_past) {
    return execute(u"step "_s + q(std::max<std::size_t>(1, steps_ahead(detail_, world()))));
  }
  sim::Timeline copy = timeline();
  return execute(u"forward "_s + q(seen_after(copy, detail_, position()) - position()));
}

bool Session::back() {
  if (detail_ == Detail::Engineer || position() == 0) return execute(u"back"_s);
  sim::Timeline copy = timeline();
  return execute(u"back "_s + q(position() - seen_before(copy, detail_, position())));
}

Session::Stand Session::stand() const {
  return {.branch = q(timeline().branches()[timeline().branch()].name), .position = position()};
}

bool Session::undo() {
  if (stood_.empty()) {
    say(ConsoleLine::Kind::Note, phrase("There is nothing to undo."));
    Q_EMIT console_changed();
    return false;
  }
  const Stand to = stood_.back();
  const std::size_t left = stood_.size() - 1;
  bool done = to.branch == stand().branch || execute(u"switch "_s + to.branch);
  if (done && position() != to.position) done = execute(u"jump "_s + q(to.position));
  stood_.resize(left);
  return done;
}

// Acting in the past never overwrites it; who did so should know where the old line is.
void Session::announce_branch() {
  const sim::Branch& now = timeline().branches()[timeline().branch()];
  if (now.actions.empty()) return;  // it was asked for
  say(ConsoleLine::Kind::Note,
      phrase(
          "You acted in the past: this is the new branch %1, from step %2 of %3. Ctrl+Z returns.")
          .arg(q(now.name), q(now.fork), q(timeline().branches()[now.parent].name)));
}

void Session::select(const Ref& ref) {
  if (selected_ == ref) return;
  selected_ = ref;
  Q_EMIT selection_changed();
}

void Session::set_detail(Detail detail) {
  if (detail_ == detail) return;
  detail_ = detail;
  Q_EMIT cursor_moved();
}

void Session::pin_base() {
  pinned_ = true;
  base_ = world();
  Q_EMIT cursor_moved();
}

void Session::unpin_base() {
  pinned_ = false;
  base_ = world_before(position());
  Q_EMIT cursor_moved();
}

Result<void> Session::open_lab(const QString& path) {
  auto lab = read_lab(path.toStdString());
  if (!lab) return fail(lab.error());
  lab_ = std::move(*lab);
  keeper_.close(run_->interpreter());
  run_ = std::make_unique<lab::Session>();
  base_ = world();
  pinned_ = false;
  selected_ = {};
  stood_.clear();
  steps_ = {};
  steps_.update(timeline());
  sampler_ = {};
  forget_derived();
  Q_EMIT lab_changed();
  Q_EMIT selection_changed();
  Q_EMIT history_changed();
  Q_EMIT cursor_moved();
  return {};
}

bool Session::continue_lab() {
  if (lab_.waits_for_answer() || lab_.is_over()) return false;
  lab_.question.reset();
  lab_.answer.reset();
  const sim::World before = world();
  const std::size_t from = position();
  bool stop = false;
  while (!stop && !lab_.is_over()) {
    const lang::CommandBody body = lab_.commands[lab_.next].body;
    if (const auto* ask = std::get_if<lang::Ask>(&body)) {
      lab_.question = *ask;
      ++lab_.asked;
      stop = true;
    } else if (const auto* words = std::get_if<lang::Say>(&body)) {
      lab_.said = q(words->words);
      stop = true;
    } else if (!execute(q(lang::to_text(body)))) {
      lab_.said = phrase("The scenario stopped: the console says why.");
      stop = true;
    }
    ++lab_.next;
  }
  if (!pinned_ && position() > from) {
    base_ = before;
    Q_EMIT cursor_moved();
  }
  Q_EMIT lab_changed();
  return true;
}

void Session::answer_lab(std::uint32_t choice) {
  if (!lab_.waits_for_answer()) return;
  lab_.answer = choice;
  if (choice == lab_.question->right) ++lab_.right;
  Q_EMIT lab_changed();
}

const Why& Session::why() const {
  if (why_) return *why_;
  why_.emplace();
  if (position() == 0) return *why_;
  const sim::Action& action = timeline().action_before(position());
  sim::Explanation found = world_before(position()).explain(action);
  why_->action = q(sim::to_text(action));
  why_->deciding = deciding_of(found.guards);
  why_->guards = std::move(found.guards);
  why_->notes = std::move(found.notes);
  return *why_;
}

const std::vector<CheckLight>& Session::checks() const {
  if (checks_) return *checks_;
  checks_ = check_lights(world(), hashes_);
  const std::size_t unseen = interpreter().steps_to_look_at();
  std::optional<lang::Report> report;
  if (unseen <= kLookedAtAtOnce) report = run_->interpreter().report(is_small(world()));
  std::ranges::move(claim_lights(report, unseen, world()), std::back_inserter(*checks_));
  for (const lang::WatchedClaim& claim : claims()) checks_->push_back(claim_light(claim));
  return *checks_;
}

std::uint32_t Session::shown_member() const {
  if (selected_.member >= 1 && selected_.member <= world().member_count()) return selected_.member;
  std::uint32_t shown = 0;
  for (std::uint32_t no = world().member_count(); no >= 1; --no) {
    if (!world().member(no).up()) continue;
    const bool leads = shown != 0 && world().member(shown).running().raft.is_leader();
    if (!leads) shown = no;
  }
  return shown == 0 ? 1 : shown;
}

QString Session::hash_badge(std::uint32_t member) const {
  const auto hash = hashes_.hash(world(), member);
  return hash ? u"%1"_s.arg(*hash & 0xffffU, 4, 16, QLatin1Char('0')) : QString();
}

// The timeline lends no world but the one at the cursor; a copy of it, which costs little, does.
sim::World Session::world_before(std::size_t position) const {
  sim::Timeline copy = timeline();
  return copy.world_at(position == 0 ? 0 : position - 1);
}

void Session::say(ConsoleLine::Kind kind, const QString& text) {
  if (console_.size() >= kConsoleLines) {
    console_.erase(console_.begin(), console_.begin() + kConsoleLines / 2);
  }
  console_.push_back({kind, text});
}

}  // namespace orrery::gui
