// orrery-door-load: the same load over gRPC for any etcd, ours or stock: calls a second and latencies.
//   used by: tests/bench/compare-door    uses: gRPC, proto
//   usage:   orrery-door-load ENDPOINT[,ENDPOINT] put|get|range|txn|watch CLIENTS SECONDS
//   prints:  KIND CLIENTS CALLS_A_SECOND P50_US P99_US; of watch, events a second that all watchers together got
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include "door/grpc_bytes.h"
#include "proto/rpc_codec.h"

namespace orrery::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kKeys = 10'000;
constexpr std::size_t kValueBytes = 100;

std::string key_of(int number) {
  return "key" + std::to_string(100'000 + number % kKeys);
}

rpc::PutRequest put_of(int number) {
  rpc::PutRequest out;
  out.key = Blob(key_of(number));
  out.value = Blob(std::string(kValueBytes, 'v'));
  return out;
}

rpc::RangeRequest get_of(int number) {
  rpc::RangeRequest out;
  out.key = Blob(key_of(number));
  return out;
}

struct Call {
  std::string path;
  Bytes request;
};

Call call_of(const std::string& kind, int number) {
  if (kind == "get") return {"/etcdserverpb.KV/Range", rpc::encode(get_of(number))};
  if (kind == "range") {
    rpc::RangeRequest range = get_of(number % (kKeys - 100));
    range.range_end = Blob(key_of(number % (kKeys - 100) + 100));
    return {"/etcdserverpb.KV/Range", rpc::encode(range)};
  }
  if (kind == "txn") {
    rpc::TxnRequest txn;
    txn.success = {{get_of(number)}, {put_of(number)}};
    return {"/etcdserverpb.KV/Txn", rpc::encode(txn)};
  }
  return {"/etcdserverpb.KV/Put", rpc::encode(put_of(number))};
}

// One client on a connection of its own, with one call at a time.
struct Client {
  std::unique_ptr<grpc::GenericStub> stub;
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  grpc::ByteBuffer in;
  grpc::Status status;
  Clock::time_point began;
};

// A watch stream: begun, asked, then read for ever.
struct Watcher {
  grpc::ClientContext context;
  std::unique_ptr<grpc::GenericStub> stub;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream;
  grpc::ByteBuffer in;
  std::uint64_t events = 0;
  bool created = false;
};

class Load {
 public:
  Load(const std::string& endpoints, std::string kind, int clients)
      : kind_(std::move(kind)), clients_(static_cast<std::size_t>(clients)) {
    for (std::size_t from = 0; from <= endpoints.size();) {
      const std::size_t comma = std::min(endpoints.find(',', from), endpoints.size());
      endpoints_.push_back(endpoints.substr(from, comma - from));
      from = comma + 1;
    }
    for (Client& client : clients_) client.stub = stub();
  }

  // Keys for reads to find.
  void fill() {
    Load writer(endpoints_.front(), "put", 16);
    writer.run_calls(kKeys);
  }

  int run(std::chrono::seconds time) {
    const auto began = Clock::now();
    end_ = began + time;
    run_calls(0);
    return report(std::chrono::duration<double>(Clock::now() - began).count());
  }

  int run_watch(std::chrono::seconds time) {
    std::vector<Watcher> watchers(clients_.size());
    grpc::CompletionQueue queue;
    for (Watcher& one : watchers) open(one, queue);
    std::size_t created = 0;
    while (created < watchers.size()) created += hear(queue, true) ? 1U : 0U;
    const auto began = Clock::now();
    Client writer;
    writer.stub = stub();
    int number = 0;
    while (Clock::now() - began < time) {
      put(writer, queue, number++);
      while (!heard_put_) (void)hear(queue, true);
      while (hear(queue, false)) {
      }
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
    std::uint64_t events = 0;
    for (Watcher& one : watchers) events += one.events;
    std::printf("watch %zu %.0f 0 0\n", watchers.size(), static_cast<double>(events) / seconds);
    for (Watcher& one : watchers) one.context.TryCancel();
    queue.Shutdown();
    drain(queue);
    return 0;
  }

 private:
  std::unique_ptr<grpc::GenericStub> stub() {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(-1);
    const std::string& endpoint = endpoints_[next_endpoint_++ % endpoints_.size()];
    return std::make_unique<grpc::GenericStub>(
        grpc::CreateCustomChannel(endpoint, grpc::InsecureChannelCredentials(), arguments));
  }

  void begin(Client& client) {
    const Call call = call_of(kind_, next_++);
    client.context = std::make_unique<grpc::ClientContext>();
    client.context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    client.began = Clock::now();
    client.reader = client.stub->PrepareUnaryCall(client.context.get(), call.path,
                                                  door::buffer_of(call.request), &queue_);
    client.reader->StartCall();
    client.reader->Finish(&client.in, &client.status, &client);
  }

  // So many calls; 0 = until the time is over.
  void run_calls(int most) {
    for (Client& client : clients_) begin(client);
    std::size_t open = clients_.size();
    void* tag = nullptr;
    bool ok = false;
    while (open > 0 && queue_.Next(&tag, &ok)) {
      auto& client = *static_cast<Client*>(tag);
      const auto took = Clock::now() - client.began;
      if (!client.status.ok()) ++failed_;
      micros_.push_back(std::chrono::duration<double, std::micro>(took).count());
      if (most == 0 ? Clock::now() < end_ : next_ < most) {
        begin(client);
      } else {
        --open;
      }
    }
  }

  int report(double seconds) {
    std::ranges::sort(micros_);
    const auto at = [&](double part) {
      return micros_[static_cast<std::size_t>(part * static_cast<double>(micros_.size() - 1))];
    };
    std::printf("%s %zu %.0f %.0f %.0f\n", kind_.c_str(), clients_.size(),
                static_cast<double>(micros_.size()) / seconds, at(0.5), at(0.99));
    if (failed_ > 0) std::fprintf(stderr, "%d calls failed\n", failed_);
    return failed_ == 0 ? 0 : 1;
  }

  void open(Watcher& one, grpc::CompletionQueue& queue) {
    one.stub = stub();
    one.stream = one.stub->PrepareCall(&one.context, "/etcdserverpb.Watch/Watch", &queue);
    void* tag = nullptr;
    bool ok = false;
    one.stream->StartCall(nullptr);
    while (queue.Next(&tag, &ok) && tag != nullptr) heard(*static_cast<Watcher*>(tag));
    rpc::WatchCreateRequest watch;
    watch.key = Blob("key");
    watch.range_end = Blob("kez");
    one.stream->Write(door::buffer_of(rpc::encode(rpc::WatchRequest(watch))), nullptr);
    while (queue.Next(&tag, &ok) && tag != nullptr) heard(*static_cast<Watcher*>(tag));
    one.stream->Read(&one.in, &one);
  }

  void put(Client& client, grpc::CompletionQueue& queue, int number) {
    heard_put_ = false;
    client.context = std::make_unique<grpc::ClientContext>();
    client.reader =
        client.stub->PrepareUnaryCall(client.context.get(), "/etcdserverpb.KV/Put",
                                      door::buffer_of(rpc::encode(put_of(number))), &queue);
    client.reader->StartCall();
    client.reader->Finish(&client.in, &client.status, nullptr);
  }

  // True = a watcher heard something.
  bool hear(grpc::CompletionQueue& queue, bool waits) {
    void* tag = nullptr;
    bool ok = false;
    const auto until = waits ? std::chrono::system_clock::now() + std::chrono::seconds(10)
                             : std::chrono::system_clock::now();
    if (queue.AsyncNext(&tag, &ok, until) != grpc::CompletionQueue::GOT_EVENT) return false;
    if (tag == nullptr) {
      heard_put_ = true;
      return false;
    }
    heard(*static_cast<Watcher*>(tag));
    return true;
  }

  static void heard(Watcher& one) {
    const auto response = rpc::decode_watch_response(door::bytes_of(one.in));
    if (response) one.events += response->events.size();
    one.stream->Read(&one.in, &one);
  }

  static void drain(grpc::CompletionQueue& queue) {
    void* tag = nullptr;
    bool ok = false;
    while (queue.Next(&tag, &ok)) {
    }
  }

  std::string kind_;
  std::vector<std::string> endpoints_;
  std::size_t next_endpoint_ = 0;
  grpc::CompletionQueue queue_;
  std::vector<Client> clients_;
  std::vector<double> micros_;
  Clock::time_point end_;
  int next_ = 0;
  int failed_ = 0;
  bool heard_put_ = true;
};

}  // namespace
}  // namespace orrery::bench

int main(int count, char** words) {
  if (count != 5) {
    std::fputs("usage: orrery-door-load ENDPOINTS put|get|range|txn|watch CLIENTS SECONDS\n",
               stderr);
    return 2;
  }
  const std::string kind = words[2];
  const std::chrono::seconds time(std::atoi(words[4]));
  orrery::bench::Load load(words[1], kind, std::atoi(words[3]));
  if (kind == "watch") return load.run_watch(time);
  if (kind == "get" || kind == "range") load.fill();
  return load.run(time);
}
