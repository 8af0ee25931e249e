// The gRPC server without a network: clients on a pair of sockets, and an owner who answers by hand.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "door/grpc_server.h"
#include "proto/rpc_codec.h"
#include "tests/door/counter.h"

namespace orrery::door {
namespace {

using std::chrono::milliseconds;
using testing::Counter;
using testing::Heard;
using testing::Http2Client;
using testing::message;

constexpr std::string_view kPut = "/etcdserverpb.KV/Put";
constexpr std::string_view kWatch = "/etcdserverpb.Watch/Watch";
constexpr std::string_view kKeepAlive = "/etcdserverpb.Lease/LeaseKeepAlive";

std::string put_bytes(std::string_view key = "a") {
  rpc::PutRequest put;
  put.key = Blob(key);
  return message(rpc::encode(put));
}

std::string watch_bytes() {
  rpc::WatchCreateRequest watch;
  watch.key = Blob("a");
  return message(rpc::encode(rpc::WatchRequest(watch)));
}

std::string status_of_call(const Heard& heard) {
  const auto found = heard.headers.find("grpc-status");
  return found == heard.headers.end() ? "none" : found->second;
}

TEST(Wire, ACallIsALetterAndItsAnswerAMessageAndAStatus) {
  Counter counter;
  Http2Client client(counter.connect());
  const auto call = client.ask(std::string(kPut), put_bytes("k"), false, {{"token", "t.1"}});
  counter.exchange(client);
  const auto asked = counter.arrivals<Asked>();
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].caller.token, "t.1");
  EXPECT_EQ(std::get<rpc::PutRequest>(asked[0].request).key, Blob("k"));
  counter.answer(asked[0].ticket, "xyz");
  counter.exchange(client);
  EXPECT_EQ(client.heard(call).bytes, message("xyz"));
  EXPECT_EQ(status_of_call(client.heard(call)), "0");
  EXPECT_TRUE(client.heard(call).is_over);
  EXPECT_TRUE(counter.arrivals<Gone>().empty());
}

// etcdctl's client, whose endpoint has a scheme (`endpoint hashkv --cluster` gives it some), names its server so.
TEST(Wire, AnAuthorityMayHaveAScheme) {
  Counter counter;
  Http2Client client(counter.connect());
  const auto call =
      client.ask(std::string(kPut), put_bytes(), false, {{":authority", "http://127.0.0.1:2379"}});
  counter.exchange(client);
  EXPECT_EQ(counter.arrivals<Asked>().size(), 1U);
  EXPECT_EQ(client.heard(call).reset, 0U);
}

TEST(Wire, ARequestInManyPiecesIsOne) {
  Counter counter;
  Http2Client client(counter.connect());
  const auto call = client.ask(std::string(kPut), put_bytes(std::string(300'000, 'k')));
  counter.exchange(client);
  const auto asked = counter.arrivals<Asked>();
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(std::get<rpc::PutRequest>(asked[0].request).key.size(), 300'000U);
  EXPECT_FALSE(client.heard(call).is_over);
}

TEST(Wire, WhatIsNoCallIsRefused) {
  Counter counter;
  Http2Client client(counter.connect());
  const auto unknown_method = client.ask("/etcdserverpb.KV/Nothing", put_bytes());
  const auto get = client.ask(std::string(kPut), put_bytes(), false, {}, "GET");
  const auto json = client.ask(std::string(kPut), put_bytes(), false, {}, "POST", "text/json");
  const auto empty = client.ask(std::string(kPut), "");
  const auto packed =
      client.ask(std::string(kPut), message("zz", '\1'), false, {{"grpc-encoding", "gzip"}});
  const auto broken = client.ask(std::string(kPut), message("\xff\xff\xff"));
  counter.exchange(client);
  EXPECT_EQ(status_of_call(client.heard(unknown_method)), "12");
  EXPECT_EQ(client.heard(unknown_method).headers.at("grpc-message"),
            "unknown method Nothing for service etcdserverpb.KV");
  EXPECT_EQ(client.heard(get).headers.at(":status"), "405");
  EXPECT_EQ(client.heard(json).headers.at(":status"), "415");
  EXPECT_EQ(status_of_call(client.heard(empty)), "13");
  EXPECT_EQ(status_of_call(client.heard(packed)), "12");
  EXPECT_EQ(status_of_call(client.heard(broken)), "13");
  EXPECT_TRUE(counter.letters.empty());
}

// The head of a message is enough: nobody waits for the rest.
TEST(Wire, AMessageBeyondTheLimitIsRefusedByItsHead) {
  Counter counter;
  Http2Client client(counter.connect());
  const std::string head{'\0', '\x40', '\0', '\0', '\0'};
  const auto call = client.ask(std::string(kPut), head, true);
  counter.exchange(client);
  EXPECT_EQ(status_of_call(client.heard(call)), "8");
  EXPECT_EQ(client.heard(call).headers.at("grpc-message"),
            "grpc: received message larger than max (1073741824 vs. 2097152)");
}

TEST(Wire, BytesThatAreNoHttp2CloseTheConnectionAndNoOther) {
  Counter counter;
  Http2Client bad(counter.connect());
  Http2Client good(counter.connect());
  counter.exchange(bad);
  bad.send_raw(std::string(200, '\xff'));
  counter.exchange(bad);
  EXPECT_TRUE(bad.is_closed || !bad.goodbye.empty());
  (void)good.ask(std::string(kPut), put_bytes());
  counter.exchange(good);
  EXPECT_EQ(counter.arrivals<Asked>().size(), 1U);
}

TEST(Wire, ADeadlineEndsTheCallAndTheWorldIsTold) {
  Counter counter;
  Http2Client client(counter.connect());
  const auto call = client.ask(std::string(kPut), put_bytes(), false, {{"grpc-timeout", "20m"}});
  counter.exchange(client);
  ASSERT_EQ(counter.arrivals<Asked>().size(), 1U);
  std::this_thread::sleep_for(milliseconds(40));
  counter.exchange(client);
  EXPECT_EQ(status_of_call(client.heard(call)), "14");
  const auto gone = counter.arrivals<Gone>();
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0].ticket, counter.arrivals<Asked>()[0].ticket);
}

// Told "deadline exceeded" before its own clock has come so far, clientv3 3.4 tries once more: a put would happen
// twice.
TEST(Wire, WhoWroteAndIsLateIsNotToldToTryAgain) {
  Counter counter;
  Http2Client client(counter.connect());
  const auto put = client.ask(std::string(kPut), put_bytes(), false, {{"grpc-timeout", "5m"}});
  const auto get =
      client.ask("/etcdserverpb.KV/Range", message("\n\1a"), false, {{"grpc-timeout", "5m"}});
  counter.exchange(client);
  std::this_thread::sleep_for(milliseconds(20));
  counter.exchange(client);
  EXPECT_EQ(client.heard(put).headers.at("grpc-message"), "etcdserver: request timed out");
  EXPECT_EQ(client.heard(get).headers.at("grpc-message"), "context deadline exceeded");
}

TEST(Wire, WhoIsLateAlreadyIsNotLetIn) {
  Counter counter;
  Http2Client client(counter.connect());
  const auto call = client.ask(std::string(kPut), put_bytes(), false, {{"grpc-timeout", "0n"}});
  counter.exchange(client);
  EXPECT_TRUE(counter.letters.empty());
  EXPECT_EQ(status_of_call(client.heard(call)), "14");
  EXPECT_TRUE(client.heard(call).is_over);
}

TEST(Wire, WhoVanishesIsToldToTheWorldCallByCall) {
  Counter counter;
  Http2Client client(counter.connect());
  for (int i = 0; i < 5; ++i) (void)client.ask(std::string(kPut), put_bytes());
  const auto cancelled = client.ask(std::string(kPut), put_bytes());
  counter.exchange(client);
  ASSERT_EQ(counter.arrivals<Asked>().size(), 6U);
  client.reset(cancelled);
  counter.exchange(client);
  EXPECT_EQ(counter.arrivals<Gone>().size(), 1U);
  client.hang_up();
  Http2Client other(counter.connect());
  counter.exchange(other);
  EXPECT_EQ(counter.arrivals<Gone>().size(), 6U);
  EXPECT_EQ(counter.server().tally(1).handled.begin()->second, 6U);
}

TEST(Wire, StreamsOfAConnectionAreLimitedAsItIsSaid) {
  Counter counter({.max_concurrent_streams = 2});
  Http2Client client(counter.connect());
  counter.exchange(client);
  EXPECT_EQ(client.setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS), 2U);
  for (int i = 0; i < 5; ++i) (void)client.ask(std::string(kPut), put_bytes());
  counter.exchange(client);
  // The client keeps back what the server would refuse.
  EXPECT_EQ(counter.arrivals<Asked>().size(), 2U);
}

// Before it knows the limit a client may ask for more: those are refused.
TEST(Wire, StreamsBeyondTheLimitAreRefused) {
  Counter counter({.max_concurrent_streams = 2});
  Http2Client client(counter.connect());
  std::vector<std::int32_t> calls;
  calls.reserve(5);
  for (int i = 0; i < 5; ++i) calls.push_back(client.ask(std::string(kPut), put_bytes()));
  counter.exchange(client);
  EXPECT_EQ(counter.arrivals<Asked>().size(), 2U);
  EXPECT_EQ(client.heard(calls[4]).reset, static_cast<std::uint32_t>(NGHTTP2_REFUSED_STREAM));
}

TEST(Wire, WhoPingsTooOftenIsSentAway) {
  Counter counter;
  Http2Client client(counter.connect());
  for (int i = 0; i < 3; ++i) client.ping();
  counter.exchange(client);
  EXPECT_EQ(client.goodbye, "");
  client.ping();
  counter.exchange(client);
  EXPECT_EQ(client.goodbye, "too_many_pings");
  EXPECT_TRUE(client.is_closed);
}

TEST(Wire, WithACallOpenTheLeastTimeBetweenPingsCounts) {
  Counter counter({.keepalive_min_time = std::chrono::nanoseconds(1)});
  Http2Client client(counter.connect());
  (void)client.ask(std::string(kWatch), watch_bytes(), true);
  for (int i = 0; i < 10; ++i) {
    client.ping();
    counter.exchange(client);
  }
  EXPECT_EQ(client.goodbye, "");
  EXPECT_FALSE(client.is_closed);
}

TEST(Wire, WhoDoesNotAnswerAPingIsGone) {
  Counter counter({.keepalive_interval = milliseconds(1), .keepalive_timeout = milliseconds(1)});
  const int silent = counter.connect();
  std::string said;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  bool is_closed = false;
  while (!is_closed && std::chrono::steady_clock::now() < end) {
    counter.server().pump(seconds(1));
    std::array<char, 4096> buffer{};
    const ssize_t size = ::recv(silent, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size > 0) said.append(buffer.data(), static_cast<std::size_t>(size));
    is_closed = size == 0;
  }
  EXPECT_TRUE(is_closed);
  const std::string ping_frame{'\0', '\0', '\x08', '\x06', '\0'};
  EXPECT_NE(said.find(ping_frame), std::string::npos);
  ::close(silent);
}

// Nothing is credited to the world for what the reader has not made room for.
TEST(Wire, ASlowReaderHoldsBackWhatIsForIt) {
  Counter counter;
  Http2Client client(counter.connect());
  const auto call = client.ask(std::string(kWatch), watch_bytes(), true);
  counter.exchange(client);
  const Ticket ticket = counter.arrivals<WatchAsked>().at(0).ticket;
  constexpr int kMessages = 200;
  for (int i = 0; i < kMessages; ++i) counter.answer(ticket, std::string(10'000, 'e'), false);
  for (Letter& letter : counter.mailbox().take(Nanos(0))) counter.letters.push_back(letter);
  const auto taken = [&] {
    std::uint64_t sum = 0;
    for (const TakenIn& one : counter.arrivals<TakenIn>()) sum += one.bytes;
    return sum;
  };
  // The window that every connection begins with.
  EXPECT_LE(taken(), 65'535U);
  for (int i = 0; i < 50; ++i) counter.exchange(client);
  EXPECT_EQ(client.heard(call).bytes.size(), kMessages * 10'005U);
  EXPECT_GE(taken(), kMessages * 10'005U - 16'384);
}

// A keepalive stream that asks and does not read is asked no more.
TEST(Wire, AKeepAliveStreamHasOneQuestionAtATime) {
  Counter counter;
  Http2Client client(counter.connect());
  std::string many;
  for (int i = 0; i < 100; ++i) {
    many += message("\x08\x07");  // of lease 7
  }
  const auto call = client.ask(std::string(kKeepAlive), many);
  counter.exchange(client);
  std::size_t answered = 0;
  for (; answered < 100; ++answered) {
    const auto asked = counter.arrivals<Asked>();
    ASSERT_EQ(asked.size(), answered + 1);
    counter.answer(asked.back().ticket, "ok");
    counter.exchange(client);
  }
  EXPECT_EQ(status_of_call(client.heard(call)), "0");
  EXPECT_EQ(client.heard(call).bytes.size(), 100U * message("ok").size());
}

TEST(Wire, ACertificatesNameIsTheUserAndNoTokenSaysSo) {
  Counter counter;
  Http2Client client(counter.connect("alice"));
  Http2Client liar(counter.connect());
  (void)client.ask(std::string(kPut), put_bytes());
  counter.exchange(client);
  const std::string word = counter.arrivals<Asked>().at(0).caller.token;
  EXPECT_FALSE(word.empty());
  (void)liar.ask(std::string(kPut), put_bytes(), false, {{"token", word}});
  counter.exchange(liar);
  EXPECT_EQ(counter.arrivals<Asked>().at(1).caller.token, "nobody");
}

TEST(Wire, EventsGoOutInTurnsAndAnswersDoNotWaitForThem) {
  constexpr std::size_t kWatchers = 100;
  Counter counter;
  std::vector<std::unique_ptr<Http2Client>> watchers;
  std::vector<std::int32_t> streams;
  for (std::size_t i = 0; i < kWatchers; ++i) {
    watchers.push_back(std::make_unique<Http2Client>(counter.connect()));
    streams.push_back(watchers.back()->ask(std::string(kWatch), watch_bytes(), true));
    counter.exchange(*watchers.back());
  }
  Http2Client putter(counter.connect());
  const auto put = putter.ask(std::string(kPut), put_bytes());
  counter.exchange(putter);
  const auto opened = counter.arrivals<WatchAsked>();
  ASSERT_EQ(opened.size(), kWatchers);
  const auto tell_all = [&](const Bytes& event) {
    for (const WatchAsked& watch : opened) {
      Departure departure{.ticket = watch.ticket, .message = event, .error = {}, .is_last = false};
      departure.may_wait = true;
      counter.server().deliver(departure);
    }
  };
  const auto who_heard = [&](const Bytes& all) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < kWatchers; ++i) {
      (void)watchers[i]->read(milliseconds(0));
      if (watchers[i]->heard(streams[i]).bytes == all) ++count;
    }
    return count;
  };

  tell_all("1");
  counter.server().deliver(
      {.ticket = counter.arrivals<Asked>().at(0).ticket, .message = Bytes("done"), .error = {}});
  counter.server().flush_answers();

  (void)putter.read(milliseconds(100));
  EXPECT_TRUE(putter.heard(put).is_over);
  EXPECT_EQ(who_heard(message("1")), 0U);
  counter.server().pump(seconds(60));
  EXPECT_EQ(who_heard(message("1")), kWatchers / 2);
  tell_all("2");
  counter.server().flush();
  EXPECT_EQ(who_heard(message("1") + message("2")), kWatchers);
}

// For the thread sanitizer: one thread reads, one answers, one opens and closes connections, and callers vanish.
TEST(Wire, ThreadsMeetOnlyInTheMailbox) {
  Counter counter;
  std::atomic<bool> over = false;
  std::thread reader([&] {
    while (!over) counter.server().pump(millis(5));
  });
  std::thread owner([&] {
    while (!over) {
      for (const Letter& letter : counter.mailbox().take(millis(5))) {
        const auto* arrival = std::get_if<Arrival>(&letter);
        const auto* asked = arrival == nullptr ? nullptr : std::get_if<Asked>(arrival);
        if (asked == nullptr) continue;
        counter.server().deliver({.ticket = asked->ticket, .message = Bytes("ok"), .error = {}});
        counter.server().flush();
      }
      (void)counter.server().tally(1);
      counter.server().end_leaderless(1);
    }
  });
  std::atomic<int> answered = 0;
  std::vector<std::thread> callers;
  callers.reserve(4);
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        Http2Client client(counter.connect());
        const auto call = client.ask(std::string(kPut), put_bytes());
        if (i % 4 == 3) continue;  // vanishes
        while (!client.heard(call).is_over && client.read(std::chrono::seconds(10))) {
        }
        if (status_of_call(client.heard(call)) == "0") ++answered;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  counter.server().turn_out({.code = Errc::Unavailable, .detail = "the door was moved"});
  over = true;
  counter.server().wake();
  reader.join();
  owner.join();
  EXPECT_EQ(answered, 4 * 15);
  counter.server().close(1);
}

}  // namespace
}  // namespace orrery::door
