// Builders: one function per row of the table, from the arguments found to the command's struct.
//   used by: table.cc      in: build_client.cc, build_services.cc, build_programs.cc, build_crank.cc, build_session.cc
#pragma once

#include "lang/arguments.h"
#include "lang/command.h"

namespace orrery::lang {

// What every client command may say.
CallOptions call_options(const Arguments& arguments);

Result<CommandBody> build_put(const Arguments& arguments);
Result<CommandBody> build_get(const Arguments& arguments);
Result<CommandBody> build_del(const Arguments& arguments);
Result<CommandBody> build_txn(const Arguments& arguments);
Result<CommandBody> build_watch(const Arguments& arguments);
Result<CommandBody> build_cancel(const Arguments& arguments);
Result<CommandBody> build_progress(const Arguments& arguments);
Result<CommandBody> build_pause(const Arguments& arguments);
Result<CommandBody> build_resume(const Arguments& arguments);
Result<CommandBody> build_poll(const Arguments& arguments);
Result<CommandBody> build_counters(const Arguments& arguments);
Result<CommandBody> build_compact(const Arguments& arguments);
Result<CommandBody> build_lease(const Arguments& arguments);
Result<CommandBody> build_user(const Arguments& arguments);
Result<CommandBody> build_role(const Arguments& arguments);
Result<CommandBody> build_auth(const Arguments& arguments);
Result<CommandBody> build_member(const Arguments& arguments);
Result<CommandBody> build_alarm(const Arguments& arguments);
Result<CommandBody> build_endpoint(const Arguments& arguments);
Result<CommandBody> build_defrag(const Arguments& arguments);
Result<CommandBody> build_move_leader(const Arguments& arguments);
Result<CommandBody> build_snapshot(const Arguments& arguments);
Result<CommandBody> build_lock(const Arguments& arguments);
Result<CommandBody> build_elect(const Arguments& arguments);
Result<CommandBody> build_agent(const Arguments& arguments);
Result<CommandBody> build_informer(const Arguments& arguments);
Result<CommandBody> build_transfer(const Arguments& arguments);
Result<CommandBody> build_monkey(const Arguments& arguments);
Result<CommandBody> build_step(const Arguments& arguments);
Result<CommandBody> build_perform(const Arguments& arguments);
Result<CommandBody> build_next(const Arguments& arguments);
Result<CommandBody> build_enabled(const Arguments& arguments);
Result<CommandBody> build_run(const Arguments& arguments);
Result<CommandBody> build_repeat(const Arguments& arguments);
Result<CommandBody> build_settle(const Arguments& arguments);
Result<CommandBody> build_until(const Arguments& arguments);
Result<CommandBody> build_deliver(const Arguments& arguments);
Result<CommandBody> build_drop(const Arguments& arguments);
Result<CommandBody> build_duplicate(const Arguments& arguments);
Result<CommandBody> build_delay(const Arguments& arguments);
Result<CommandBody> build_hold(const Arguments& arguments);
Result<CommandBody> build_release(const Arguments& arguments);
Result<CommandBody> build_fire(const Arguments& arguments);
Result<CommandBody> build_crash(const Arguments& arguments);
Result<CommandBody> build_restart(const Arguments& arguments);
Result<CommandBody> build_join(const Arguments& arguments);
Result<CommandBody> build_clock(const Arguments& arguments);
Result<CommandBody> build_partition(const Arguments& arguments);
Result<CommandBody> build_cut(const Arguments& arguments);
Result<CommandBody> build_heal(const Arguments& arguments);
Result<CommandBody> build_back(const Arguments& arguments);
Result<CommandBody> build_forward(const Arguments& arguments);
Result<CommandBody> build_jump(const Arguments& arguments);
Result<CommandBody> build_mark(const Arguments& arguments);
Result<CommandBody> build_branch(const Arguments& arguments);
Result<CommandBody> build_switch(const Arguments& arguments);
Result<CommandBody> build_branches(const Arguments& arguments);
Result<CommandBody> build_why(const Arguments& arguments);
Result<CommandBody> build_show(const Arguments& arguments);
Result<CommandBody> build_print(const Arguments& arguments);
Result<CommandBody> build_history(const Arguments& arguments);
Result<CommandBody> build_diff(const Arguments& arguments);
Result<CommandBody> build_expect(const Arguments& arguments);
Result<CommandBody> build_always(const Arguments& arguments);
Result<CommandBody> build_break(const Arguments& arguments);
Result<CommandBody> build_forget(const Arguments& arguments);
Result<CommandBody> build_claims(const Arguments& arguments);
Result<CommandBody> build_cluster(const Arguments& arguments);
Result<CommandBody> build_save(const Arguments& arguments);
Result<CommandBody> build_load(const Arguments& arguments);
Result<CommandBody> build_eject(const Arguments& arguments);
Result<CommandBody> build_door(const Arguments& arguments);
Result<CommandBody> build_help(const Arguments& arguments);
Result<CommandBody> build_quit(const Arguments& arguments);
Result<CommandBody> build_say(const Arguments& arguments);
Result<CommandBody> build_ask(const Arguments& arguments);
Result<CommandBody> build_answer(const Arguments& arguments);

}  // namespace orrery::lang
