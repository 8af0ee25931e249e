#include "auth/bcrypt.h"

#include <array>
#include <crypt.h>
#include <cstring>

#include "base/digest.h"
#include "base/text.h"

namespace orrery::auth {
namespace {

// 16 bytes in bcrypt's own base 64, whose last digit has but two bits.
std::string salt_text(std::uint64_t salt) {
  static constexpr std::string_view kAlphabet =
      "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string out;
  for (std::uint64_t i = 0; i < 21; ++i) out += kAlphabet[combine(salt, i) & 63U];
  return out + kAlphabet[combine(salt, 21) & 0x30U];
}

std::string crypted(std::string_view password, const std::string& setting) {
  crypt_data data;
  std::memset(&data, 0, sizeof data);
  const std::string phrase(password);
  const char* hash = crypt_r(phrase.c_str(), setting.c_str(), &data);
  return hash == nullptr ? std::string() : std::string(hash);
}

}  // namespace

Result<std::string> hash_password(std::string_view password, std::int64_t cost,
                                  std::uint64_t salt) {
  if (cost < 4 || cost > 31) {
    return fail(Errc::Unmapped,
                text("crypto/bcrypt: cost {} is outside allowed range (4,31)", cost));
  }
  if (password.size() > 72) {
    return fail(Errc::Unmapped, "bcrypt: password length exceeds 72 bytes");
  }
  std::string hash = crypted(password, text("$2a${:02}${}", cost, salt_text(salt)));
  if (hash.size() != 60) return fail(Errc::Unmapped, "crypt(3) knows no bcrypt");
  return hash;
}

bool is_hash(std::string_view text) {
  return text.size() == 60 && text.starts_with("$2");
}

bool password_matches(std::string_view hash, std::string_view password) {
  if (!is_hash(hash)) return false;
  return crypted(password, std::string(hash)) == hash;
}

}  // namespace orrery::auth
