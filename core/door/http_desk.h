// HttpDesk: HTTP/1 for whoever asks one member for its pages.
//   used by: front_door.h    uses: sockets, traffic.h
//   ideas:   one thread; a connection asks once, gets its page and is closed. What a page shows is the world's
//            affair: a question goes into the mailbox, its page comes back through deliver().
//   limits:  8 KiB of request, 10 seconds, 256 connections: the oldest goes.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "door/pages.h"
#include "door/traffic.h"

namespace orrery::door {

class HttpDesk {
 public:
  // The mailbox outlives the desk.
  HttpDesk(std::uint32_t member, Mailbox<Letter>& to);
  ~HttpDesk();
  HttpDesk(const HttpDesk&) = delete;
  HttpDesk& operator=(const HttpDesk&) = delete;

  // Takes over a connection that was accepted; closes it in the end. From any thread, as deliver().
  void adopt(int descriptor);
  void deliver(Ticket ticket, const Page& page);
  void stop();

 private:
  struct Connection {
    int descriptor = -1;
    std::chrono::steady_clock::time_point since;
    std::string request;
    Ticket ticket = 0;     // 0 = it has not asked yet
    std::string response;  // what is left to be sent
  };
  struct Given {
    Ticket ticket = 0;
    Page page;
  };

  void run();
  void take_news();
  void wake() const;
  // False = it is over.
  bool serve(Connection& connection, bool is_readable);
  bool read(Connection& connection);
  static bool write(Connection& connection);
  bool ask(Connection& connection);
  void drop(Connection& connection);

  std::uint32_t member_;
  Mailbox<Letter>& to_;
  int wake_in_ = -1;  // a pipe: a byte in it means news
  int wake_out_ = -1;
  std::mutex mutex_;  // guards the three below
  std::vector<int> adopted_;
  std::vector<Given> given_;
  bool stopping_ = false;
  std::deque<Connection> connections_;  // the thread's own, the oldest first
  std::thread thread_;
};

}  // namespace orrery::door
