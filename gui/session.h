// Session: one run of the debugger: its timeline, its cursor, what is selected, what was said.
//   used by: every view (reads), the main window (acts)    uses: lab (executes lines), sim (Timeline), lab.h
//   ideas:   every act is a line of the command language, whoever causes it; execute() is the only door. Views read
//            world() and base() and are told by signals that carry no data: they look for themselves. What a
//            view may ask often (why, checks, owners of steps) is computed once per cursor position, when first asked.
//   invariant: base() is the world before the last act, or the one pinned.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <QObject>
#include <QString>
#include <QStringList>

#include "gui/checks.h"
#include "gui/detail.h"
#include "gui/doorkeeper.h"
#include "gui/lab.h"
#include "gui/picture.h"
#include "gui/samples.h"
#include "gui/step_index.h"
#include "gui/theme.h"
#include "lab/session.h"

namespace orrery::gui {

struct ConsoleLine {
  enum class Kind : std::uint8_t { Command, Output, Error, Note };
  Kind kind = Kind::Output;
  QString text;
};

// The last step, explained.
struct Why {
  QString action;  // empty at the beginning
  std::vector<GuardRecord> guards;
  std::vector<std::string> notes;
  int deciding = -1;  // of guards: the one that settled it
};

class Session : public QObject {
  Q_OBJECT

 public:
  explicit Session(QObject* parent = nullptr);
  ~Session() override;

  // -- to act
  // True = it was performed. What it printed, and why it failed, goes to the console.
  bool execute(const QString& line);
  // The same without an echo: while a handle is dragged. The last of them should be an execute().
  void scrub(std::size_t position);
  // The same as execute() without an echo, for what comes in slices; note_performed() then says what it came to.
  bool execute_quietly(const QString& line);
  void note_performed(const QString& line);
  // A step of the size that the level of detail asks for, and back.
  bool step();
  bool back();
  // To where the cursor stood before the last act, be it on another branch. Nothing is discarded.
  bool undo();
  void select(const Ref& ref);
  void set_detail(Detail detail);
  void pin_base();
  void unpin_base();
  // Starts anew with this folder's scenario and text, or with a *.crank file alone.
  Result<void> open_lab(const QString& path);
  // The scenario's next commands, up to and with the next words or question; for base() they are one act.
  // False = it is over or waits.
  bool continue_lab();
  void answer_lab(std::uint32_t choice);

  // -- to look at
  const sim::Timeline& timeline() const { return interpreter().timeline(); }
  const sim::World& world() const { return timeline().world(); }
  const sim::World& base() const { return base_; }
  bool has_pinned_base() const { return pinned_; }
  std::size_t position() const { return timeline().position(); }
  const std::vector<ConsoleLine>& console() const { return console_; }
  const QStringList& typed() const { return typed_; }
  const Ref& selected() const { return selected_; }
  Detail detail() const { return detail_; }
  const Lab& lab() const { return lab_; }
  const Why& why() const;
  const std::vector<CheckLight>& checks() const;
  const StepIndex& steps() const { return steps_; }
  // The member that panels of one member show: the selected one, else the leader, else the first that is up.
  std::uint32_t shown_member() const;
  // The hash of a member's keys, as four hex digits; empty when down or when it would take long.
  QString hash_badge(std::uint32_t member) const;
  // The members' counts over time, up to the cursor.
  const Series& series() const { return sampler_.update(timeline()); }
  // Of the front door, n1 first; empty = it is closed.
  QStringList door_endpoints() const { return keeper_.endpoints(); }
  lang::CompletionNames names() const { return interpreter().names(); }
  const std::vector<lang::WatchedClaim>& claims() const { return interpreter().claims(); }

 Q_SIGNALS:
  void cursor_moved();
  void history_changed();
  void console_changed();
  void selection_changed();
  void lab_changed();
  void door_changed();

 private:
  // Where the cursor stands.
  struct Stand {
    QString branch;
    std::size_t position = 0;

    friend bool operator==(const Stand&, const Stand&) = default;
  };

  const lang::Interpreter& interpreter() const { return run_->interpreter(); }
  void say(ConsoleLine::Kind kind, const QString& text);
  bool perform(const QString& line);
  void attend_door();
  void show(const lang::Outcome& outcome);
  sim::World world_before(std::size_t position) const;
  void moved(const sim::World& before, std::size_t from, sim::BranchNo branch, std::size_t length);
  void announce_branch();
  Stand stand() const;
  void forget_derived();

  std::unique_ptr<lab::Session> run_;
  Doorkeeper keeper_{nullptr};
  sim::World base_;
  bool pinned_ = false;
  std::vector<ConsoleLine> console_;
  QStringList typed_;
  std::vector<Stand> stood_;  // before each act, for undo()
  Ref selected_;
  Detail detail_ = Detail::Engineer;
  Lab lab_;
  StepIndex steps_;
  mutable std::optional<Why> why_;
  mutable std::optional<std::vector<CheckLight>> checks_;
  mutable HashCache hashes_;
  mutable Sampler sampler_;
};

}  // namespace orrery::gui
