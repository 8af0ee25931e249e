#include "hunt/shrink.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "hunt/hunt.h"
#include "lang/submission.h"

namespace orrery::hunt {
namespace {

using sim::Action;
using Items = std::vector<Item>;

void add_steps(Items& items, std::uint64_t steps) {
  if (steps == 0) return;
  if (items.empty() || !std::holds_alternative<Stretch>(items.back())) {
    items.emplace_back(Stretch{});
  }
  std::get<Stretch>(items.back()).steps += steps;
}

// Is it what the default schedule would do? Then it belongs to a stretch.
bool is_next(const sim::World& world, const Action& action) {
  const auto next = world.next();
  return next && *next == action;
}

bool is_stretch(const Item& item) {
  return std::holds_alternative<Stretch>(item);
}

bool is_deed(const Item& item) {
  const auto* action = std::get_if<Action>(&item);
  return action != nullptr && is_act(*action);
}

bool is_pick(const Item& item) {
  return !is_stretch(item) && !is_deed(item);
}

// Plays a story and writes down what of it happened, up to the violation.
class Player {
 public:
  Player(const Story& story, const Items& items) : story_(story), trial_(story.config) {
    for (const Item& item : items) {
      if (trial_.found()) return;
      std::visit([&](const auto& what) { play(what); }, item);
    }
    if (story.at_rest && !trial_.found()) trial_.come_to_rest();
  }

  std::uint64_t steps() const { return trial_.actions().size(); }

  // The story as it was played; nothing, if another claim broke or none.
  std::optional<Story> told() && {
    if (!trial_.found() || trial_.found()->claim != story_.found.claim) return std::nullopt;
    if (trial_.found_at_rest() != story_.at_rest) return std::nullopt;
    return Story{story_.config, std::move(played_), *trial_.found(), story_.at_rest};
  }

 private:
  void play(const Stretch& stretch) {
    for (std::uint64_t i = 0; i < stretch.steps && !trial_.found(); ++i) {
      const auto next = trial_.world().next();
      if (!next) return;
      trial_.perform(*next);
      add_steps(played_, 1);
    }
  }

  void play(const Action& action) {
    const bool is_default = is_next(trial_.world(), action);
    if (is_act(action) && !can_be_said(action)) return;
    if (!trial_.perform(action)) return;
    if (is_default) return add_steps(played_, 1);
    played_.emplace_back(action);
  }

  // As a line of a script: one that cancels a watch which nobody has any more is refused there.
  bool can_be_said(const Action& action) const {
    return lang::parse_any_action(sim::to_text(action), trial_.world()).has_value();
  }

  const Story& story_;
  Trial trial_;
  Items played_;
};

class Shrinker {
 public:
  Shrinker(Story story, std::uint64_t budget) : story_(std::move(story)), budget_(budget) {}

  Story shrunk() && {
    for (std::uint64_t before = 0; before != size() && budget_ > 0;) {
      before = size();
      for (std::size_t places = story_.items.size(); places > 0; places /= 2) {
        leave_out([](const Item&) { return true; }, places);
        leave_out(is_pick, places);
        leave_out(is_deed, places);
        leave_out(is_stretch, places);
      }
      halve_stretches();
    }
    return std::move(story_);
  }

 private:
  std::uint64_t size() const { return story_.items.size() + length_of(story_); }

  bool tries(const Items& items) {
    if (budget_ == 0) return false;
    Player player(story_, items);
    budget_ -= std::min(budget_, player.steps());
    auto told = std::move(player).told();
    if (!told) return false;
    story_ = *std::move(told);
    return true;
  }

  // Of the items from `begin` on, so many places; only those of the kind go.
  template <class Kind>
  bool leave_out_of(std::size_t begin, std::size_t places, Kind is_kind) {
    Items rest;
    for (std::size_t i = 0; i < story_.items.size(); ++i) {
      const bool goes = i >= begin && i < begin + places && is_kind(story_.items[i]);
      if (!goes) rest.push_back(story_.items[i]);
    }
    return rest.size() < story_.items.size() && tries(rest);
  }

  template <class Kind>
  void leave_out(Kind is_kind, std::size_t places) {
    for (std::size_t begin = 0; begin < story_.items.size();) {
      if (!leave_out_of(begin, places, is_kind)) begin += places;
    }
  }

  void halve_stretches() {
    for (std::size_t i = 0; i < story_.items.size(); ++i) {
      while (i < story_.items.size() && halve(i)) {
      }
    }
  }

  bool halve(std::size_t i) {
    Items shorter = story_.items;
    auto* stretch = std::get_if<Stretch>(&shorter[i]);
    if (stretch == nullptr || stretch->steps < 2) return false;
    stretch->steps /= 2;
    const std::uint64_t before = size();
    return tries(shorter) && size() < before;
  }

  Story story_;
  std::uint64_t budget_;  // units: steps
};

constexpr std::uint64_t kLong = 10'000;       // units: steps
constexpr std::uint64_t kOtherChances = 100;  // so many other runs, each half as long at most

// Of a long run hardly anything can be left out in reasonable time. Other chances in the same world may lead to the
// same claim sooner.
Story sooner(Story story) {
  if (length_of(story) <= kLong || story.at_rest) return story;
  for (std::uint64_t chance = 1; chance <= kOtherChances; ++chance) {
    Hunter hunter(story.config, story.config.seed + chance);
    hunter.play(std::min(kLong, length_of(story)) / 2);
    if (!hunter.found() || hunter.found()->claim != story.found.claim) continue;
    return story_of(hunter.trial());
  }
  return story;
}

// How a script says that the claim is broken.
std::string broken(const Violation& found) {
  if (found.claim == "NobodyPanics") {
    return text("expect {}.status == panicked\n",
                found.sentence.substr(0, found.sentence.find(':')));
  }
  return text("show violations\nexpect violations(\"{}\") > 0\n", found.claim);
}

}  // namespace

std::uint64_t length_of(const Story& story) {
  std::uint64_t out = 0;
  for (const Item& item : story.items) {
    const auto* stretch = std::get_if<Stretch>(&item);
    out += stretch != nullptr ? stretch->steps : 1;
  }
  return out;
}

Story story_of(const Trial& trial) {
  Story out{trial.config(), {}, *trial.found(), trial.found_at_rest()};
  sim::World world(trial.config());
  for (const Action& action : trial.actions()) {
    if (is_next(world, action)) {
      add_steps(out.items, 1);
    } else {
      out.items.emplace_back(action);
    }
    (void)world.perform(action);
  }
  return out;
}

Story shrink(Story story, std::uint64_t budget) {
  return Shrinker(sooner(std::move(story)), budget).shrunk();
}

std::string script_of(const Story& story, const std::string& cluster_line) {
  std::string out = text("# {}: {}\n{}\n", story.found.claim, story.found.sentence, cluster_line);
  for (const Item& item : story.items) {
    const auto* stretch = std::get_if<Stretch>(&item);
    out += stretch != nullptr ? text("step phase {}\n", stretch->steps)
                              : text("perform {}\n", sim::to_text(std::get<Action>(item)));
  }
  return out + (story.at_rest ? "settle\n" : "") + broken(story.found);
}

}  // namespace orrery::hunt
