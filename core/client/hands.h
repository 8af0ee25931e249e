// Hands: what a program can do with its client: ask, watch, sleep, speak, end.
//   used by: the works (hold.cc, observe.cc, transfer.cc, list_watch.cc, monkey.cc)    uses: client.h
//   ideas:   made anew for each notice, like Step; never part of a world. A question that got no answer is asked again
//            by itself after a while, unless the work says that it must not be.
#pragma once

#include <string>
#include <utility>

#include "client/client.h"

namespace orrery::client {

class Hands {
 public:
  Hands(Client& client, server::Step& step, std::uint64_t program)
      : client_(client), step_(step), no_(program) {}

  Program& program() { return *client_.programs_.edit(no_); }

  template <class W>
  W& work() {
    return std::get<W>(program().work);
  }

  server::Step& step() { return step_; }

  Nanos now() const { return step_.now(); }

  // Asks, and remembers the question for another try.
  std::uint64_t ask(rpc::Request request);
  // Asks beside the question under way.
  std::uint64_t ask_beside(rpc::Request request);
  std::uint64_t watch(rpc::WatchCreateRequest request);
  void unwatch(std::uint64_t watch);
  // The program is woken then, if nothing else wakes it before.
  void sleep_until(Nanos due) { program().retry_at = due; }
  void say(std::string line);
  void complain(std::string line);
  // What etcdctl prints and returns when it gives up.
  void fail_with(const std::string& words);
  void end(int status);
  void restart_member(std::uint32_t no) { client_.errands_.restarts.push_back(no); }
  std::uint32_t members() const { return client_.endpoints_; }
  std::uint32_t client_no() const { return client_.no_; }

 private:
  Client& client_;
  server::Step& step_;
  std::uint64_t no_;
};

// What a work is told. Each returns at once; what comes of it are calls, watches and sleeps.
void start(Hands& hands, Hold& work);
void start(Hands& hands, Observe& work);
void start(Hands& hands, KeepAlive& work);
void start(Hands& hands, Transfer& work);
void start(Hands& hands, ListWatch& work);
void start(Hands& hands, Monkey& work);
// The answer to the question, or to one asked beside it.
void answered(Hands& hands, Hold& work, const Notice& notice);
void answered(Hands& hands, Observe& work, const Notice& notice);
void answered(Hands& hands, KeepAlive& work, const Notice& notice);
void answered(Hands& hands, Transfer& work, const Notice& notice);
void answered(Hands& hands, ListWatch& work, const Notice& notice);
void answered(Hands& hands, Monkey& work, const Notice& notice);
void told(Hands& hands, Hold& work, const Notice& notice);
void told(Hands& hands, Observe& work, const Notice& notice);
void told(Hands& hands, ListWatch& work, const Notice& notice);
// Its connection broke: does it forget how far it had come? Then it watches anew.
bool forgets_its_place(const ListWatch& work, std::uint64_t watch);
void watch_lost(Hands& hands, ListWatch& work);
// The time of sleep_until has come.
void woken(Hands& hands, Hold& work);
void woken(Hands& hands, KeepAlive& work);
void woken(Hands& hands, Monkey& work);
// The program was canceled: it tidies up, and ends.
void stop(Hands& hands, Hold& work);
void stop(Hands& hands, Observe& work);
void stop(Hands& hands, ListWatch& work);

}  // namespace orrery::client
