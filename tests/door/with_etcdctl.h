// Tests that need a stock etcd's programs: skipped, with the reason, where they cannot be had.
//   used by: tests/door    uses: programs.h
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "tests/door/programs.h"

namespace orrery::door::testing {

class WithEtcdctl : public ::testing::Test {
 protected:
  void SetUp() override {
    const Output fetched = fetch_stock();
    if (fetched.status != 0) GTEST_SKIP() << "no stock etcdctl: " << fetched.words;
  }

  // "'.../etcdctl' --endpoints A,B ": the arguments follow.
  static std::string command(const std::string& endpoints) {
    return "ETCDCTL_API=3 '" + etcdctl() + "' --endpoints " + endpoints + " ";
  }

  static Output ctl(const std::string& endpoints, const std::string& arguments) {
    return shell(command(endpoints) + arguments);
  }

  static Output ctl(const Serving& serving, const std::string& arguments) {
    return ctl(serving.endpoints(), arguments);
  }
};

}  // namespace orrery::door::testing
