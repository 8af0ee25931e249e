// Builders of the client commands.
#include <array>
#include <utility>

#include "base/text.h"
#include "lang/builders.h"
#include "lang/placeholders.h"
#include "lang/txn_text.h"

namespace orrery::lang {

namespace {

Result<Interval> interval(const Arguments& arguments) {
  Interval out{.key = arguments.text("KEY"), .range_end = std::nullopt};
  const Capture* range_end = arguments.find("RANGE_END");
  if (range_end != nullptr) out.range_end = range_end->text;
  out.prefix = arguments.is_on("--prefix");
  out.from_key = arguments.is_on("--from-key");
  if (out.prefix && out.from_key) {
    return fail_at(arguments.place(), "expected --prefix or --from-key, found both");
  }
  if (range_end != nullptr && (out.prefix || out.from_key)) {
    return fail_at(range_end->place,
                   text("expected no range end beside --{}", out.prefix ? "prefix" : "from-key"));
  }
  return out;
}

std::optional<rpc::SortTarget> sort_target(const std::string& word) {
  if (word == "CREATE") return rpc::SortTarget::Create;
  if (word == "KEY") return rpc::SortTarget::Key;
  if (word == "MODIFY") return rpc::SortTarget::Mod;
  if (word == "VALUE") return rpc::SortTarget::Value;
  if (word == "VERSION") return rpc::SortTarget::Version;
  return std::nullopt;
}

}  // namespace

CallOptions call_options(const Arguments& arguments) {
  CallOptions call;
  call.client = arguments.text("--client");
  call.hex = arguments.is_on("--hex");
  const std::string format = arguments.text("--write-out");
  if (format == "json") call.write_out = WriteOut::Json;
  if (format == "fields") call.write_out = WriteOut::Fields;
  if (format == "table") call.write_out = WriteOut::Table;
  call.via = arguments.text(arguments.has("--endpoints") ? "--endpoints" : "--via");
  call.cluster = arguments.is_on("--cluster");
  call.user = arguments.text("--user");
  call.background = arguments.is_on("--background");
  return call;
}

Result<CommandBody> build_put(const Arguments& arguments) {
  CallOptions call = call_options(arguments);
  Put put;
  put.call = std::move(call);
  put.key = arguments.text("KEY");
  put.value = arguments.text("VALUE");
  put.lease = LeaseId(arguments.hexadecimal("--lease", 0));
  put.prev_kv = arguments.is_on("--prev-kv");
  put.ignore_value = arguments.is_on("--ignore-value");
  put.ignore_lease = arguments.is_on("--ignore-lease");
  if (!arguments.has("VALUE") && !put.ignore_value) {
    return fail_at(arguments.place(),
                   "expected put KEY VALUE, found no value (--ignore-value keeps "
                   "the one it has)");
  }
  if (arguments.has("VALUE") && put.ignore_value) {
    return fail_at(arguments.find("VALUE")->place, "expected no value beside --ignore-value");
  }
  return put;
}

Result<CommandBody> build_get(const Arguments& arguments) {
  CallOptions call = call_options(arguments);
  auto keys = interval(arguments);
  if (!keys) return fail(keys.error());
  Get get;
  get.call = std::move(call);
  get.interval = std::move(*keys);
  get.revision = arguments.integer("--rev", 0);
  get.limit = arguments.integer("--limit", 0);
  get.sort_target = sort_target(arguments.text("--sort-by"));
  const std::string order = arguments.text("--order");
  if (order == "ASCEND") get.sort_order = rpc::SortOrder::Ascend;
  if (order == "DESCEND") get.sort_order = rpc::SortOrder::Descend;
  get.serializable = arguments.text("--consistency") == "s";
  get.keys_only = arguments.is_on("--keys-only");
  get.count_only = arguments.is_on("--count-only");
  get.print_value_only = arguments.is_on("--print-value-only");
  const bool is_simple = get.call.write_out == WriteOut::Simple;
  if (get.count_only && is_simple) {
    return fail_at(arguments.find("--count-only")->place,
                   "expected -w fields or -w json beside --count-only");
  }
  if (get.print_value_only && !is_simple) {
    return fail_at(arguments.find("--print-value-only")->place,
                   "expected -w simple beside --print-value-only");
  }
  if (get.keys_only && get.count_only) {
    return fail_at(arguments.place(), "expected --keys-only or --count-only, found both");
  }
  return get;
}

Result<CommandBody> build_del(const Arguments& arguments) {
  CallOptions call = call_options(arguments);
  auto keys = interval(arguments);
  if (!keys) return fail(keys.error());
  return Del{.call = std::move(call),
             .interval = std::move(*keys),
             .prev_kv = arguments.is_on("--prev-kv")};
}

Result<CommandBody> build_txn(const Arguments& arguments) {
  CallOptions call = call_options(arguments);
  const Capture* line = arguments.find("TXN");
  auto parts = line == nullptr ? parse_txn_block(arguments.block())
                               : parse_txn_line(line->text, line->place);
  if (!parts) return fail(parts.error());
  return Txn{.call = std::move(call),
             .compares = std::move(parts->compares),
             .success = std::move(parts->success),
             .failure = std::move(parts->failure)};
}

Result<CommandBody> build_watch(const Arguments& arguments) {
  CallOptions call = call_options(arguments);
  auto keys = interval(arguments);
  if (!keys) return fail(keys.error());
  Watch watch;
  watch.call = std::move(call);
  watch.interval = std::move(*keys);
  watch.revision = arguments.integer("--rev", 0);
  watch.prev_kv = arguments.is_on("--prev-kv");
  watch.progress_notify = arguments.is_on("--progress-notify");
  watch.name = arguments.text("--name");
  watch.window = arguments.integer("--window", 0);
  watch.frame = arguments.integer("--frame", 0);
  watch.shares = arguments.text("--with");
  return watch;
}

Result<CommandBody> build_cancel(const Arguments& arguments) {
  return CancelWatch{.watch = arguments.text("WATCH")};
}

Result<CommandBody> build_progress(const Arguments& arguments) {
  return Progress{.watch = arguments.text("WATCH")};
}

Result<CommandBody> build_pause(const Arguments& arguments) {
  return Pause{.watch = arguments.text("WATCH")};
}

Result<CommandBody> build_resume(const Arguments& arguments) {
  return Resume{.watch = arguments.text("WATCH")};
}

Result<CommandBody> build_poll(const Arguments& arguments) {
  CallOptions call = call_options(arguments);
  return Poll{.call = std::move(call),
              .key = arguments.text("KEY"),
              .recursive = arguments.is_on("--recursive"),
              .after = arguments.integer("--after", 0),
              .name = arguments.text("--name")};
}

Result<CommandBody> build_compact(const Arguments& arguments) {
  CallOptions call = call_options(arguments);
  return Compact{.call = std::move(call),
                 .revision = arguments.integer("REVISION", 0),
                 .physical = arguments.is_on("--physical")};
}

}  // namespace orrery::lang
