// TLS: certificates on both sides, the name in one as the user, pages over HTTPS.
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "tests/door/with_etcdctl.h"

namespace orrery::door {
namespace {

using testing::etcdctl;
using testing::Output;
using testing::Scratch;
using testing::Serving;
using testing::shell;

// A CA, and certificates that it has signed: the server's, root's, and bob's.
void make_certificates(const std::string& folder) {
  const auto run = [&](const std::string& command) {
    const Output ran = shell("cd '" + folder + "' && " + command);
    EXPECT_EQ(ran.status, 0) << ran.words;
  };
  run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key "
      "-out ca.crt -days 2 -subj /CN=ca");
  run("printf 'subjectAltName=IP:127.0.0.1,DNS:localhost' > ext && for n in server root bob; do "
      "openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout $n.key "
      "-out $n.csr -subj /CN=$n && openssl x509 -req -in $n.csr -CA ca.crt -CAkey ca.key "
      "-CAcreateserial -days 2 -extfile ext -out $n.crt || exit 1; done");
}

class Tls : public testing::WithEtcdctl {
 protected:
  void SetUp() override {
    WithEtcdctl::SetUp();
    if (IsSkipped()) return;
    if (shell("openssl version").status != 0) GTEST_SKIP() << "no openssl program";
    std::filesystem::create_directories(folder_.path());
    make_certificates(folder_.path());
  }

  std::string file(const std::string& name) const {
    return "'" + folder_.path() + "/" + name + "'";
  }

  std::string server_flags() const {
    return "--cert-file " + file("server.crt") + " --key-file " + file("server.key");
  }

  Output ctl(const Serving& serving, const std::string& who, const std::string& command) const {
    const std::string shown =
        who.empty() ? "" : " --cert " + file(who + ".crt") + " --key " + file(who + ".key");
    return WithEtcdctl::ctl("https://" + serving.endpoints(),
                            "--cacert " + file("ca.crt") + shown + " --dial-timeout 2s " + command);
  }

  Scratch folder_;
};

TEST_F(Tls, OnePortSpeaksGrpcAndPagesAndNothingPlain) {
  const Serving serving("--as v3.4.23 --listen-client-port 0 " + server_flags());

  EXPECT_EQ(ctl(serving, "", "put a 1").words, "OK\n");
  EXPECT_EQ(ctl(serving, "", "get a").words, "a\n1\n");
  // More than a window of bytes, both ways.
  EXPECT_EQ(shell("head -c 900000 /dev/zero | tr '\\0' x > " + file("large")).status, 0);
  EXPECT_EQ(ctl(serving, "", "put large < " + file("large")).words, "OK\n");
  EXPECT_EQ(ctl(serving, "", "get large --print-value-only").words.size(), 900'001U);
  EXPECT_EQ(shell("python3 -c 'import ssl, urllib.request as u; "
                  "c = ssl.create_default_context(cafile=\"" +
                  folder_.path() + "/ca.crt\"); print(u.urlopen(\"https://" + serving.endpoints() +
                  "/health\", context=c).read().decode())'")
                .words,
            "{\"health\":\"true\"}\n");
  const Output plain = shell("ETCDCTL_API=3 '" + etcdctl() + "' --dial-timeout 1s --endpoints " +
                             serving.endpoints() + " --command-timeout 2s get a");
  EXPECT_NE(plain.status, 0);
}

TEST_F(Tls, WithoutACertificateOfTheCaNobodyComesIn) {
  const Serving serving("--listen-client-port 0 --trusted-ca-file " + file("ca.crt") + " " +
                        server_flags());

  EXPECT_EQ(ctl(serving, "bob", "put a 1").words, "OK\n");
  EXPECT_NE(ctl(serving, "", "--command-timeout 2s put a 2").status, 0);
  EXPECT_EQ(ctl(serving, "bob", "get a --print-value-only").words, "1\n");
}

TEST_F(Tls, TheCertificatesNameIsTheUserAndATokenGoesBeforeIt) {
  const Serving serving(
      "--as v3.4.23 --listen-client-port 0 --client-cert-auth --trusted-ca-file " + file("ca.crt") +
      " " + server_flags());
  for (const char* command : {"user add root:pw", "user grant-role root root", "role add r",
                              "role grant-permission r readwrite b", "user add bob:pw",
                              "user grant-role bob r", "auth enable"}) {
    const Output ran = ctl(serving, "bob", command);
    EXPECT_EQ(ran.status, 0) << command << ": " << ran.words;
  }

  EXPECT_EQ(ctl(serving, "root", "put a 1").words, "OK\n");
  EXPECT_EQ(ctl(serving, "bob", "put b 1").words, "OK\n");
  EXPECT_NE(ctl(serving, "bob", "put a 2").words.find("etcdserver: permission denied"),
            std::string::npos);
  // The server's own certificate names somebody who is no user.
  EXPECT_NE(ctl(serving, "server", "get b").words.find("etcdserver: permission denied"),
            std::string::npos);
  EXPECT_EQ(ctl(serving, "bob", "--user root:pw put a 3").words, "OK\n");
}

TEST_F(Tls, FilesThatAreNoneAreRefusedByName) {
  const std::string orrery = std::string("'") + ORRERY_PROGRAM + "' serve --listen-client-port 0 ";

  const Output missing = shell(orrery + "--cert-file /nonexistent --key-file /nonexistent");
  EXPECT_EQ(missing.status, 2);
  EXPECT_NE(missing.words.find("--cert-file /nonexistent"), std::string::npos) << missing.words;
  const Output wrong_key =
      shell(orrery + "--cert-file " + file("server.crt") + " --key-file " + file("bob.key"));
  EXPECT_EQ(wrong_key.status, 2);
  EXPECT_NE(wrong_key.words.find("--key-file"), std::string::npos) << wrong_key.words;
}

}  // namespace
}  // namespace orrery::door
