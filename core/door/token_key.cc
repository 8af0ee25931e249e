#include "door/token_key.h"

#include <algorithm>
#include <array>
#include <utility>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/text.h"

namespace orrery::door {

// What an Impl holds.
namespace jwk {

enum class Family : std::uint8_t { Hmac, Rsa, RsaPss, Ecdsa };

struct SigningMethod {
  std::string_view name;
  Family family = Family::Hmac;
  const char* digest = nullptr;
  int curve_bits = 0;  // of Ecdsa
};

template <auto kFree>
struct Freer {
  template <class T>
  void operator()(T* held) const {
    kFree(held);
  }
};

using Bio = std::unique_ptr<BIO, Freer<::BIO_free>>;
using Pkey = std::unique_ptr<EVP_PKEY, Freer<::EVP_PKEY_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freer<::EVP_MD_CTX_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Freer<::ECDSA_SIG_free>>;

}  // namespace jwk

namespace {

using jwk::Bio;
using jwk::DigestContext;
using jwk::EcdsaSignature;
using jwk::Family;
using jwk::Freer;
using jwk::Pkey;
using jwk::SigningMethod;

constexpr std::array kMethods{SigningMethod{"HS256", Family::Hmac, "SHA256"},
                              SigningMethod{"HS384", Family::Hmac, "SHA384"},
                              SigningMethod{"HS512", Family::Hmac, "SHA512"},
                              SigningMethod{"RS256", Family::Rsa, "SHA256"},
                              SigningMethod{"RS384", Family::Rsa, "SHA384"},
                              SigningMethod{"RS512", Family::Rsa, "SHA512"},
                              SigningMethod{"PS256", Family::RsaPss, "SHA256"},
                              SigningMethod{"PS384", Family::RsaPss, "SHA384"},
                              SigningMethod{"PS512", Family::RsaPss, "SHA512"},
                              SigningMethod{"ES256", Family::Ecdsa, "SHA256", 256},
                              SigningMethod{"ES384", Family::Ecdsa, "SHA384", 384},
                              SigningMethod{"ES512", Family::Ecdsa, "SHA512", 521}};

// Null = unknown.
const SigningMethod* find_signing_method(std::string_view name) {
  const auto* found = std::ranges::find(kMethods, name, &SigningMethod::name);
  return found == kMethods.end() ? nullptr : found;
}

std::string openssl_reason() {
  const std::uint64_t code = ::ERR_get_error();
  const char* words = code == 0 ? nullptr : ::ERR_reason_error_string(code);
  ::ERR_clear_error();
  return words == nullptr ? "no reason is known" : words;
}

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Bio bio_of(const std::string& bytes) {
  return Bio(::BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

// Nobody is asked for a password: a key that wants one cannot be read.
int no_password(char* /*to*/, int /*size*/, int /*writes*/, void* /*data*/) {
  return -1;
}

Pkey read_private(const std::string& pem) {
  const Bio bio = bio_of(pem);
  return Pkey(::PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
}

// A public key, or the one of a certificate.
Pkey read_public(const std::string& pem) {
  const Bio bio = bio_of(pem);
  Pkey key(::PEM_read_bio_PUBKEY(bio.get(), nullptr, no_password, nullptr));
  if (key != nullptr) return key;
  const Bio again = bio_of(pem);
  const std::unique_ptr<X509, Freer<::X509_free>> certificate(
      ::PEM_read_bio_X509(again.get(), nullptr, no_password, nullptr));
  if (certificate == nullptr) return nullptr;
  ::ERR_clear_error();
  return Pkey(::X509_get_pubkey(certificate.get()));
}

Result<void> fits(const SigningMethod& method, const EVP_PKEY* key, std::string_view which) {
  const bool is_curve = method.family == Family::Ecdsa;
  if (::EVP_PKEY_get_base_id(key) != (is_curve ? EVP_PKEY_EC : EVP_PKEY_RSA)) {
    return fail(Errc::WrongUse,
                text("{}: key is not a valid {} key", which, is_curve ? "ECDSA" : "RSA"));
  }
  if (is_curve && ::EVP_PKEY_get_bits(key) != method.curve_bits) {
    return fail(Errc::WrongUse, text("{}: {} wants a curve of {} bits, and this one has {}", which,
                                     method.name, method.curve_bits, ::EVP_PKEY_get_bits(key)));
  }
  return {};
}

Result<Pkey> read_key(const SigningMethod& method, const std::string& pem, bool is_private) {
  const std::string_view which = is_private ? "priv-key" : "pub-key";
  ::ERR_clear_error();
  Pkey key = is_private ? read_private(pem) : read_public(pem);
  if (key == nullptr)
    return fail(Errc::WrongUse, text("{}: no key in PEM: {}", which, openssl_reason()));
  if (const auto fitting = fits(method, key.get(), which); !fitting) return fail(fitting.error());
  return key;
}

// r and s, each as long as the curve's order, instead of ASN.1.
std::size_t half_size(const SigningMethod& method) {
  return static_cast<std::size_t>(method.curve_bits + 7) / 8;
}

std::optional<std::string> two_numbers(const SigningMethod& method, std::string_view asn1) {
  const unsigned char* at = raw(asn1);
  const EcdsaSignature both(::d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(asn1.size())));
  if (both == nullptr) return std::nullopt;
  const std::size_t half = half_size(method);
  std::string out(2 * half, '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  const int size = static_cast<int>(half);
  const bool written = ::BN_bn2binpad(::ECDSA_SIG_get0_r(both.get()), to, size) == size &&
                       ::BN_bn2binpad(::ECDSA_SIG_get0_s(both.get()), to + half, size) == size;
  return written ? std::optional(out) : std::nullopt;
}

std::optional<std::string> as_asn1(const SigningMethod& method, std::string_view numbers) {
  const std::size_t half = half_size(method);
  if (numbers.size() != 2 * half) return std::nullopt;
  const EcdsaSignature both(::ECDSA_SIG_new());
  const int size = static_cast<int>(half);
  BIGNUM* r = ::BN_bin2bn(raw(numbers), size, nullptr);
  BIGNUM* s = ::BN_bin2bn(raw(numbers.substr(half)), size, nullptr);
  if (::ECDSA_SIG_set0(both.get(), r, s) != 1) return std::nullopt;
  unsigned char* out = nullptr;
  const int length = ::i2d_ECDSA_SIG(both.get(), &out);
  if (length <= 0) return std::nullopt;
  std::string asn1(reinterpret_cast<const char*>(out), static_cast<std::size_t>(length));
  ::OPENSSL_free(out);
  return asn1;
}

// PSS: the salt is as long as the digest when we sign, and of any length when we verify.
bool set_padding(const SigningMethod& method, EVP_PKEY_CTX* context, int salt) {
  if (method.family != Family::RsaPss) return true;
  return ::EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         ::EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt) == 1;
}

}  // namespace

struct TokenKey::Impl {
  Result<std::string> signature_of(std::string_view bytes) const;
  std::string authentication_code(std::string_view bytes) const;
  bool is_signature(std::string_view bytes, std::string_view signature) const;
  Result<void> read_pair(const TokenKeyOptions& options);

  SigningMethod method;
  std::string secret;  // of Hmac
  Pkey key;            // private, or public if nothing can be signed
  bool can_sign = true;
  std::chrono::nanoseconds ttl{};
};

std::string TokenKey::Impl::authentication_code(std::string_view bytes) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  ::HMAC(::EVP_get_digestbyname(method.digest), secret.data(), static_cast<int>(secret.size()),
         raw(bytes), bytes.size(), out.data(), &size);
  return {reinterpret_cast<const char*>(out.data()), size};
}

Result<std::string> TokenKey::Impl::signature_of(std::string_view bytes) const {
  if (method.family == Family::Hmac) return authentication_code(bytes);
  ::ERR_clear_error();
  const DigestContext context(::EVP_MD_CTX_new());
  EVP_PKEY_CTX* inner = nullptr;
  std::size_t size = 0;
  const bool ready =
      ::EVP_DigestSignInit(context.get(), &inner, ::EVP_get_digestbyname(method.digest), nullptr,
                           key.get()) == 1 &&
      set_padding(method, inner, RSA_PSS_SALTLEN_DIGEST) &&
      ::EVP_DigestSign(context.get(), nullptr, &size, raw(bytes), bytes.size()) == 1;
  std::string out(size, '\0');
  const bool done =
      ready && ::EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                                raw(bytes), bytes.size()) == 1;
  if (!done) return fail(Errc::Unmapped, openssl_reason());
  out.resize(size);
  if (method.family != Family::Ecdsa) return out;
  const auto numbers = two_numbers(method, out);
  if (!numbers) return fail(Errc::Unmapped, openssl_reason());
  return *numbers;
}

bool TokenKey::Impl::is_signature(std::string_view bytes, std::string_view signature) const {
  if (method.family == Family::Hmac) {
    const std::string own = authentication_code(bytes);
    return own.size() == signature.size() &&
           ::CRYPTO_memcmp(own.data(), signature.data(), own.size()) == 0;
  }
  std::string shown(signature);
  if (method.family == Family::Ecdsa) {
    const auto asn1 = as_asn1(method, signature);
    if (!asn1) return false;
    shown = *asn1;
  }
  const DigestContext context(::EVP_MD_CTX_new());
  EVP_PKEY_CTX* inner = nullptr;
  const bool is_good =
      ::EVP_DigestVerifyInit(context.get(), &inner, ::EVP_get_digestbyname(method.digest), nullptr,
                             key.get()) == 1 &&
      set_padding(method, inner, RSA_PSS_SALTLEN_AUTO) &&
      ::EVP_DigestVerify(context.get(), raw(shown), shown.size(), raw(bytes), bytes.size()) == 1;
  ::ERR_clear_error();
  return is_good;
}

Result<void> TokenKey::Impl::read_pair(const TokenKeyOptions& options) {
  Pkey shown;
  if (!options.public_key.empty()) {
    auto read = read_key(method, options.public_key, false);
    if (!read) return fail(read.error());
    shown = std::move(*read);
  }
  if (options.private_key.empty()) {
    key = std::move(shown);
    can_sign = false;
    return {};
  }
  auto read = read_key(method, options.private_key, true);
  if (!read) return fail(read.error());
  key = std::move(*read);
  if (shown != nullptr && ::EVP_PKEY_eq(shown.get(), key.get()) != 1) {
    return fail(Errc::WrongUse, "auth: public and private keys don't match");
  }
  // A key that is too short for the method shows now.
  const auto tried = signature_of("tried");
  if (!tried) return fail(Errc::WrongUse, "priv-key: " + tried.error().detail);
  return {};
}

bool is_signing_method(std::string_view name) {
  return find_signing_method(name) != nullptr;
}

Result<std::shared_ptr<const TokenKey>> TokenKey::make(const TokenKeyOptions& options) {
  const SigningMethod* method = find_signing_method(options.method);
  if (method == nullptr) return fail(Errc::WrongUse, "auth: invalid auth signature method");
  auto impl = std::make_unique<Impl>();
  impl->method = *method;
  impl->ttl = options.ttl;
  const bool is_secret = method->family == Family::Hmac;
  if (options.private_key.empty() && (is_secret || options.public_key.empty())) {
    return fail(Errc::WrongUse, "auth: missing key data");
  }
  impl->secret = is_secret ? options.private_key : "";
  if (!is_secret) {
    if (const auto read = impl->read_pair(options); !read) return fail(read.error());
  }
  return std::shared_ptr<const TokenKey>(new TokenKey(std::move(impl)));
}

TokenKey::TokenKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

TokenKey::~TokenKey() = default;

bool TokenKey::can_sign() const {
  return impl_->can_sign;
}

std::chrono::nanoseconds TokenKey::ttl() const {
  return impl_->ttl;
}

Result<std::string> TokenKey::sign(const auth::Claims& claims) const {
  const std::string body = auth::jwt_body(impl_->method.name, claims);
  const auto signature = impl_->signature_of(body);
  if (!signature) return fail(signature.error());
  return auth::join_jwt(body, *signature);
}

std::optional<auth::Claims> TokenKey::verify(std::string_view token) const {
  const auto jwt = auth::parse_jwt(token);
  if (!jwt || jwt->algorithm != impl_->method.name) return std::nullopt;
  if (!impl_->is_signature(jwt->signed_bytes, jwt->signature)) return std::nullopt;
  return jwt->claims;
}

}  // namespace orrery::door
