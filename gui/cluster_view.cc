// The cluster canvas: who there is, what is on its way, what is cut.
#include <algorithm>
#include <map>
#include <tuple>

#include "door/in_words.h"
#include "gui/cluster_geometry.h"
#include "gui/describe.h"
#include "gui/member_card.h"
#include "gui/views.h"
#include "gui/words.h"
#include "lang/command.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;

using Link = std::pair<server::Address, server::Address>;

struct Flying {
  sim::MessageId id;
  const sim::InFlight* message = nullptr;
  bool head = false;  // the next of its channel
};

std::map<Link, std::vector<Flying>> flying_of(const sim::World& world) {
  std::map<Link, std::vector<Flying>> out;
  for (const auto& [channel, state] : world.network().channels()) {
    std::size_t i = 0;
    for (const sim::InFlight& message : state.queue) {
      out[{channel.from, channel.to}].push_back(
          {{channel.from, channel.to, channel.channel, message.number}, &message, i++ == 0});
    }
  }
  for (auto& [link, messages] : out) {
    std::ranges::sort(messages, [](const Flying& a, const Flying& b) {
      return std::tuple(a.message->due, a.id.channel, a.id.number) <
             std::tuple(b.message->due, b.id.channel, b.id.number);
    });
  }
  return out;
}

class ClusterPainter {
 public:
  ClusterPainter(const Scene& scene, Picture& picture)
      : scene_(scene), picture_(picture), flying_(flying_of(scene.now)) {
    for (const auto& [no, client] : scene.now.clients()) clients_.push_back(no);
    // The clock stands below everything else.
    const QSizeF above(scene.room.width(), scene.room.height() - scene.metrics.small - 4);
    geometry_ = lay_out_cluster(scene.now.member_count(), clients_.size(), above, scene.metrics);
  }

  void draw() {
    draw_member_links();
    draw_client_links();
    for (std::uint32_t no = 1; no <= scene_.now.member_count(); ++no) {
      draw_member_card(picture_, scene_, no, geometry_.members[no - 1]);
    }
    for (std::size_t i = 0; i < clients_.size(); ++i) draw_client(i);
    for (const auto& [link, messages] : flying_) draw_chips(link, messages);
    draw_clock();
  }

 private:
  const QRectF* box_of(const server::Address& address) const {
    if (address.kind == server::Address::Kind::Member) {
      return address.no >= 1 && address.no <= geometry_.members.size()
                 ? &geometry_.members[address.no - 1]
                 : nullptr;
    }
    const auto at = std::ranges::find(clients_, address.no);
    return at == clients_.end()
               ? nullptr
               : &geometry_.clients[static_cast<std::size_t>(at - clients_.begin())];
  }

  void draw_member_links() {
    const std::uint32_t count = scene_.now.member_count();
    for (std::uint32_t a = 1; a <= count; ++a) {
      for (std::uint32_t b = a + 1; b <= count; ++b) draw_link(a, b);
    }
  }

  void draw_link(std::uint32_t a, std::uint32_t b) {
    const auto from = server::member_address(a);
    const auto to = server::member_address(b);
    const QRectF& one = geometry_.members[a - 1];
    const QRectF& two = geometry_.members[b - 1];
    const QLineF line = between(QLineF(one.center(), two.center()), one, two);
    const sim::Network& network = scene_.now.network();
    const bool there = network.is_cut(from, to);
    const bool back = network.is_cut(to, from);
    if (!there && !back) {
      picture_.line(line.p1(), line.p2(), Ink::Frame, 1.2);
      return;
    }
    picture_.line(line.p1(), line.p2(), Ink::Bad, 1.8, true);
    draw_cut_sign(line, there && back ? phrase("cut")
                        : there       ? u"n%1\u21a6n%2 "_s.arg(a).arg(b) + phrase("cut")
                                      : u"n%2\u21a6n%1 "_s.arg(a).arg(b) + phrase("cut"));
  }

  void draw_cut_sign(const QLineF& line, const QString& words) {
    const Metrics& m = scene_.metrics;
    QRectF sign(0, 0, m.ch * static_cast<double>(words.size() + 3), m.line);
    sign.moveCenter(line.center());
    picture_.round(sign, Ink::RemovedTint, Ink::Bad, 1.5);
    picture_.words(sign, u"\u2715 "_s + words, Ink::Text, Face::Small, Qt::AlignHCenter);
    picture_.item({.area = sign, .name = words, .command = u"heal"_s});
  }

  // A client is joined to the members that it talks to, or last talked to.
  void draw_client_links() {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      const client::Client& client = **scene_.now.clients().find(clients_[i]);
      std::vector<std::uint32_t> peers;
      for (const auto& [no, watch] : client.watches()) {
        if (watch.state == client::Watch::State::Open) peers.push_back(watch.via);
      }
      if (const auto* last = client.calls().last()) peers.push_back(last->second.via);
      for (const auto& [ticket, call] : client.guests().calls()) peers.push_back(call.via);
      for (const auto& [ticket, stream] : client.guests().streams()) peers.push_back(stream.via);
      for (const std::uint32_t peer : peers) {
        const QRectF* box = box_of(server::member_address(peer));
        if (box == nullptr) continue;
        const QLineF line = between(QLineF(geometry_.clients[i].center(), box->center()),
                                    geometry_.clients[i], *box);
        picture_.line(line.p1(), line.p2(), Ink::Frame, 1);
      }
    }
  }

  void draw_client(std::size_t i) {
    const Metrics& m = scene_.metrics;
    const QRectF& box = geometry_.clients[i];
    const client::Client& client = **scene_.now.clients().find(clients_[i]);
    const QString name = u"c"_s + q(clients_[i]);
    picture_.round(box, Ink::Card, Ink::Frame);
    QString twin = name;
    QRectF row(box.left() + m.gap, box.top() + 2, box.width() - 2 * m.gap, m.small);
    picture_.words(row, name + phrase(", a client"), Ink::Text, Face::Small);
    if (const auto* last = client.calls().last()) {
      row.translate(0, m.small);
      const QString call = last_call_words(last->second);
      picture_.words(row, call, last->second.answer ? Ink::Text : Ink::Muted, Face::Small);
      twin = twin + u"; "_s + call;
    }
    for (const auto& [ticket, call] : client.guests().calls()) {
      row.translate(0, m.small);
      const QString words = u"\u2026 "_s + q(door::in_words(call.request));
      if (row.bottom() <= box.bottom()) picture_.words(row, words, Ink::Muted, Face::Small);
      twin = twin + u"; "_s + phrase("guest") + u" "_s + q(ticket) + u" "_s + words;
    }
    for (const auto& [no, watch] : client.watches()) {
      row.translate(0, m.small);
      const QString words = u"%1: %2, %3 %4"_s.arg(q(watch.name), q(client::to_text(watch.state)),
                                                   q(watch.events), phrase("events"));
      if (row.bottom() <= box.bottom()) picture_.words(row, words, Ink::Text, Face::Small);
      twin = twin + u"; "_s + words;
    }
    picture_.item(
        {.area = box, .name = twin, .ref = {.kind = Ref::Kind::Client, .number = clients_[i]}});
  }

  static QString last_call_words(const client::Call& call) {
    // The outcome stands first: it must be seen even where the line is cut.
    const QString line = q(call.line).section(u" --"_s, 0, 0);
    if (!call.answer) return u"\u2026 "_s + line;
    if (call.answer->error) return u"\u2717 "_s + line + u": "_s + q(call.answer->error->detail);
    return u"\u2713 "_s + line;
  }

  bool was_flying(const sim::MessageId& id) const {
    return scene_.before.network().find(id) != nullptr;
  }

  void draw_chips(const Link& link, const std::vector<Flying>& messages) {
    const QRectF* from = box_of(link.first);
    const QRectF* to = box_of(link.second);
    if (from == nullptr || to == nullptr) return;
    const QLineF line = geometry_.link(*from, *to);
    const std::vector<QRectF> boxes = geometry_.chips(line, messages.size());
    picture_.add({.kind = Shape::Kind::Arrow,
                  .at = QRectF(line.pointAt(0.04), line.pointAt(0.96)),
                  .pen = Ink::Frame});
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      const bool folds = i + 1 == boxes.size() && boxes.size() < messages.size();
      draw_chip(boxes[i], messages[i], folds ? messages.size() - i : 0);
    }
  }

  void draw_chip(const QRectF& box, const Flying& flying, std::size_t folded) {
    const bool cut = scene_.now.network().is_cut(flying.id.from, flying.id.to);
    const bool fresh = !was_flying(flying.id);
    const auto* raft = std::get_if<raftpb::Message>(&flying.message->payload);
    const Ink fill = raft != nullptr ? term_ink(raft->term.value()) : Ink::Card;
    const QString id = q(sim::to_text(flying.id));
    picture_.add({.kind = Shape::Kind::Round,
                  .at = box,
                  .fill = fill,
                  .pen = flying.head && !cut ? Ink::Text : Ink::Frame,
                  .width = flying.head && !cut ? 1.6 : 1.0,
                  .dashed = cut});
    const QString words = folded > 0 ? u"+%1"_s.arg(folded) : chip_words(flying.message->payload);
    picture_.words(box.adjusted(3, 0, -3, 0), (fresh ? u"+"_s : QString()) + words,
                   raft != nullptr ? Ink::OnTerm : Ink::Text, Face::Small, Qt::AlignHCenter);
    const QString state = cut           ? phrase("the link is cut")
                          : flying.head ? phrase("next of its channel, due ") +
                                              due_words(scene_.now.now(), flying.message->due)
                                        : phrase("waits behind others of its channel");
    picture_.item(
        {.area = box,
         .name = u"%1: %2; %3"_s.arg(id, payload_words(flying.message->payload), state),
         .ref = {.kind = Ref::Kind::Message,
                 .member = flying.id.to.kind == server::Address::Kind::Member ? flying.id.to.no : 0,
                 .text = id},
         .command = flying.head && !cut
                        ? u"perform "_s + q(sim::to_text(sim::Action(sim::Deliver{flying.id})))
                        : QString()});
  }

  void draw_clock() {
    const Metrics& m = scene_.metrics;
    const QRectF at(scene_.room.width() / 2 - m.ch * 22, scene_.room.height() - m.small - 3,
                    m.ch * 44, m.small);
    picture_.words(at, phrase("virtual time ") + time_words(scene_.now.now()), Ink::Muted,
                   Face::Small, Qt::AlignHCenter);
  }

  const Scene& scene_;
  Picture& picture_;
  std::map<Link, std::vector<Flying>> flying_;
  std::vector<std::uint32_t> clients_;
  ClusterGeometry geometry_;
};

}  // namespace

Picture draw_cluster(const Scene& scene) {
  Picture picture{.size = scene.room};
  ClusterPainter(scene, picture).draw();
  return picture;
}

}  // namespace orrery::gui
