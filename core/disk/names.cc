#include "disk/names.h"

#include "base/overloaded.h"
#include "base/text.h"

namespace orrery::disk {
namespace {

bool is_below(std::string_view path, std::string_view dir) {
  return path.size() > dir.size() && path.starts_with(dir) && path[dir.size()] == '/';
}

// Does `path` name something directly in `dir`?
bool is_in(std::string_view path, std::string_view dir) {
  if (dir.empty() || dir == ".") return path.find('/') == path.npos;
  return is_below(path, dir) && path.find('/', dir.size() + 1) == path.npos;
}

std::vector<std::string> paths_below(const NameMap& names, std::string_view dir) {
  std::vector<std::string> out;
  const std::string start = text("{}/", dir);
  for (auto it = names.lower_bound(start); it != names.end() && is_below(it->first, dir); ++it) {
    out.push_back(it->first);
  }
  return out;
}

void move(NameMap& names, const std::string& from, const std::string& to) {
  const Inode* held = names.find(from);
  if (held == nullptr) return;
  const Inode inode = *held;
  names.erase(from);
  names.put(to, inode);
}

void apply_change(NameMap& names, const NameChange& change) {
  std::visit(Overloaded{
                 [&](const Linked& c) { names.put(c.path, c.inode); },
                 [&](const Unlinked& c) { names.erase(c.path); },
                 [&](const Renamed& c) {
                   move(names, c.from, c.to);
                   for (const std::string& path : paths_below(names, c.from)) {
                     move(names, path, c.to + path.substr(c.from.size()));
                   }
                 },
             },
             change);
}

bool concerns_file(const NameChange& change, std::string_view path) {
  return std::visit(Overloaded{
                        [&](const Linked& c) { return c.path == path; },
                        [](const Unlinked&) { return false; },
                        [&](const Renamed& c) { return c.to == path || is_below(path, c.to); },
                    },
                    change);
}

bool concerns_dir(const NameChange& change, std::string_view dir) {
  return std::visit(Overloaded{
                        [&](const Linked& c) { return is_in(c.path, dir); },
                        [&](const Unlinked& c) { return is_in(c.path, dir); },
                        [&](const Renamed& c) { return is_in(c.from, dir) || is_in(c.to, dir); },
                    },
                    change);
}

}  // namespace

std::optional<Inode> Names::find(std::string_view path) const {
  const Inode* inode = cached_.find(path);
  return inode == nullptr ? std::nullopt : std::optional(*inode);
}

bool Names::exists(std::string_view path) const {
  if (cached_.contains(path)) return true;
  const auto it = cached_.lower_bound(text("{}/", path));
  return it != cached_.end() && is_below(it->first, path);
}

std::vector<std::string> Names::list(std::string_view dir) const {
  std::vector<std::string> out;
  for (const std::string& path : below(dir)) {
    if (is_in(path, dir)) out.push_back(path.substr(dir.size() + 1));
  }
  return out;
}

std::vector<std::string> Names::below(std::string_view dir) const {
  return paths_below(cached_, dir);
}

void Names::change(NameChange change) {
  apply_change(cached_, change);
  journal_.push_back(std::move(change));
}

void Names::sync_file(std::string_view path) {
  for (std::size_t count = journal_.size(); count > 0; --count) {
    if (concerns_file(journal_[count - 1], path)) return commit(count);
  }
}

void Names::sync_dir(std::string_view dir) {
  for (std::size_t count = journal_.size(); count > 0; --count) {
    if (concerns_dir(journal_[count - 1], dir)) return commit(count);
  }
}

void Names::crash(std::size_t survivors) {
  commit(std::min(survivors, journal_.size()));
  journal_.clear();
  cached_ = durable_;
}

void Names::commit(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) apply_change(durable_, journal_[i]);
  journal_.drop_front(count);
}

}  // namespace orrery::disk
