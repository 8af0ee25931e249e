// Users, roles and what they may do: the rows of one member, the ranges that a user's roles come to, and each
// member's revision.
#include <algorithm>
#include <optional>

#include "auth/auth_store.h"
#include "gui/describe.h"
#include "gui/sheet.h"
#include "gui/views.h"
#include "gui/words.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

using auth::AuthStore;

QString range_words(BytesView begin, BytesView end) {
  if (end.empty()) return u"["_s + bytes_words(begin, 24) + u", \u221e)"_s;
  // The key alone: its range ends with the next possible key.
  if (end.size() == begin.size() + 1 && end.starts_with(begin) && end.back() == '\0') {
    return bytes_words(begin, 24);
  }
  return u"["_s + bytes_words(begin, 24) + u", "_s + bytes_words(end, 24) + u")"_s;
}

QString tree_words(const IntervalTree<bool>& tree) {
  QStringList out;
  tree.visit({}, {}, [&](const Interval& range, bool) {
    out << range_words(range.begin.view(), range.end.view());
  });
  return out.isEmpty() ? u"-"_s : out.join(u" \u222a "_s);
}

QString permission_words(const rpc::Permission& permission) {
  const QString what = permission.type == rpc::PermissionType::Read    ? phrase("read")
                       : permission.type == rpc::PermissionType::Write ? phrase("write")
                                                                       : phrase("read, write");
  const BytesView end = permission.range_end.view();
  if (end.empty()) return what + u" "_s + bytes_words(permission.key.view(), 24);
  const bool open = end == BytesView("\0", 1);
  return what + u" "_s + range_words(permission.key.view(), open ? BytesView() : end);
}

QString change_mark(Change change) {
  return change == Change::Same ? QString() : QString(glyph(change) + u" "_s);
}

Cell name_cell(const QString& name, Change change) {
  return {.words = change_mark(change) + name,
          .fill = change == Change::Same ? Ink::None : tint(change),
          .face = Face::Mono};
}

std::size_t tokens_of(const AuthStore& store, const std::string& user) {
  std::size_t out = 0;
  for (const auto& [token, row] : store.tokens().rows()) out += row.username == user ? 1U : 0U;
  return out;
}

void draw_members(const Scene& scene, Sheet& sheet) {
  std::optional<std::uint64_t> first;
  bool differ = false;
  for (std::uint32_t no = 1; no <= scene.now.member_count(); ++no) {
    const auto* run = scene.running(no);
    if (run == nullptr) continue;
    differ = differ || (first && *first != run->auth.revision());
    first = run->auth.revision();
  }
  sheet.head({{phrase("member"), 7},
              {phrase("auth"), 9},
              {phrase("auth revision"), 14, true},
              {phrase("users"), 6, true},
              {phrase("roles"), 6, true},
              {phrase("tokens"), 7, true}});
  for (std::uint32_t no = 1; no <= scene.now.member_count(); ++no) {
    const auto* run = scene.running(no);
    if (run == nullptr) {
      sheet.row({{.words = u"n%1"_s.arg(no)}, {.words = phrase("down"), .ink = Ink::Bad}});
      continue;
    }
    const auto* before = scene.running_before(no);
    const std::uint64_t now = run->auth.revision();
    Cell revision = gauge_cell(now, before == nullptr ? now : before->auth.revision());
    if (differ) {
      revision.words = u"\u2260 "_s + revision.words;
      revision.ink = Ink::Bad;
    }
    sheet.row({{.words = u"n%1"_s.arg(no), .face = Face::Bold},
               {.words = run->auth.enabled() ? phrase("enabled") : phrase("disabled")},
               revision,
               {.words = q(run->auth.users().size())},
               {.words = q(run->auth.roles().size())},
               {.words = q(run->auth.tokens().size())}},
              {.area = {}, .ref = {.kind = Ref::Kind::Member, .member = no}});
  }
}

void draw_users(const Scene& scene, const AuthStore& store, Sheet& sheet) {
  const auto* before = scene.running_before(scene.member);
  sheet.head({{phrase("user"), 16},
              {phrase("roles"), 14},
              {phrase("tokens"), 7, true},
              {phrase("may read"), 22},
              {phrase("may write"), 22}});
  for (const auto& [name, user] : store.users()) {
    const rpc::UserRow* old = before == nullptr ? &user : before->auth.users().find(name);
    QStringList roles;
    for (const std::string& role : user.roles) roles << q(role);
    const bool root = store.has_role(name, std::string(auth::kRoot));
    const auth::Permissions* may = store.cache().find(name);
    const QString all = phrase("everything");
    sheet.row({name_cell(q(name), change_of(old, &user)),
               {.words = roles.join(u", "_s)},
               {.words = q(tokens_of(store, name))},
               {.words = root             ? all
                         : may == nullptr ? u"-"_s
                                          : tree_words(may->readable),
                .face = Face::Mono},
               {.words = root             ? all
                         : may == nullptr ? u"-"_s
                                          : tree_words(may->writable),
                .face = Face::Mono}});
  }
}

void draw_roles(const Scene& scene, const AuthStore& store, Sheet& sheet) {
  const auto* before = scene.running_before(scene.member);
  sheet.head({{phrase("role"), 16}, {phrase("permissions"), 64}});
  for (const auto& [name, role] : store.roles()) {
    const rpc::RoleRow* old = before == nullptr ? &role : before->auth.roles().find(name);
    QStringList permissions;
    for (const rpc::Permission& one : role.permissions) permissions << permission_words(one);
    sheet.row({name_cell(q(name), change_of(old, &role)),
               {.words = name == auth::kRoot ? phrase("everything") : permissions.join(u"; "_s),
                .face = Face::Mono}});
  }
}

}  // namespace

Picture draw_auth(const Scene& scene) {
  Picture picture;
  Sheet sheet(scene, picture, scene.metrics.gap);
  draw_members(scene, sheet);
  sheet.gap();
  const auto* run = scene.running(scene.member);
  if (run == nullptr) {
    sheet.line(u"n%1 %2"_s.arg(q(scene.member), phrase("is down: its users stand in its file")),
               Ink::Bad, Face::Bold);
  } else if (run->auth.users().empty() && run->auth.roles().empty()) {
    sheet.hint(
        phrase("No user and no role yet. Try: user add root:secret, role add root, user "
               "grant-role root root, auth enable"));
  } else {
    draw_users(scene, run->auth, sheet);
    sheet.gap();
    draw_roles(scene, run->auth, sheet);
    sheet.gap();
    sheet.paragraph(
        phrase("What a user may do is what all its roles allow together: ranges that touch "
               "or overlap are one. Every change here moves the auth revision by one."),
        Ink::Muted, 0);
  }
  sheet.finish();
  return picture;
}

}  // namespace orrery::gui
