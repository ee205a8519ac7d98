// Masking, compared with a slow search that shares nothing with it but the description.
#include "secret/redactor.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace rb = runbook;

namespace {

std::shared_ptr<const rb::Redactor> redactor_for(const std::vector<std::string>& texts) {
  rb::Secrets secrets;
  for (const std::string& text : texts) secrets.emplace(fmt::format("s{}", secrets.size()), rb::Secret(text));
  return std::make_shared<const rb::Redactor>(secrets);
}

std::string masked(const std::string& secret, std::string_view text) {
  return rb::redact(redactor_for({secret}), text);
}

std::string base64(const std::string& bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string for_urls(std::string text) {
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::string each_byte(const std::string& bytes, const char* format) {
  std::string out;
  for (const char c : bytes) out += fmt::format(fmt::runtime(format), static_cast<unsigned char>(c));
  return out;
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

// ---- the slow search

struct Unit {
  char byte;
  std::size_t begin;
  std::size_t end;
};
using Units = std::vector<Unit>;

bool is_hex(std::string_view text, std::size_t count) {
  return text.size() == count && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

Units as_it_is(std::string_view text) {
  Units units;
  for (std::size_t i = 0; i < text.size(); ++i) units.push_back({text[i], i, i + 1});
  return units;
}

Units without_percent(std::string_view text) {
  Units units;
  for (std::size_t i = 0; i < text.size();) {
    const std::string digits(text.substr(i + 1, 2));
    if (text[i] == '%' && is_hex(digits, 2)) {
      units.push_back({static_cast<char>(std::stoi(digits, nullptr, 16)), i, i + 3});
      i += 3;
    } else {
      units.push_back({text[i] == '+' ? ' ' : text[i], i, i + 1});
      ++i;
    }
  }
  return units;
}

std::string utf8(unsigned long code) {
  std::string out;
  if (code < 0x80) return std::string(1, static_cast<char>(code));
  if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
  }
  return out + static_cast<char>(0x80 | (code & 0x3F));
}

// What stands at the front, and how long that is.
std::pair<std::string, std::size_t> unescaped(std::string_view text) {
  static const std::string names = "abeEfnrtv";
  static const std::string values = "\a\b\x1b\x1b\f\n\r\t\v";
  if (text[0] != '\\' || text.size() == 1) return {std::string(1, text[0]), 1};
  const std::string octal(text.substr(1, 3));
  if (octal.size() == 3 && octal.find_first_not_of("01234567") == std::string::npos) {
    return {std::string(1, static_cast<char>(std::stoul(octal, nullptr, 8))), 4};
  }
  if (text[1] == 'x' && is_hex(text.substr(2, 2), 2)) {
    return {std::string(1, static_cast<char>(std::stoul(std::string(text.substr(2, 2)), nullptr, 16))), 4};
  }
  if (text[1] == 'u' && is_hex(text.substr(2, 4), 4)) {
    const unsigned long high = std::stoul(std::string(text.substr(2, 4)), nullptr, 16);
    if (high >= 0xD800 && high < 0xDC00 && text.size() >= 12 && text.substr(6, 2) == "\\u" &&
        is_hex(text.substr(8, 4), 4)) {
      const unsigned long low = std::stoul(std::string(text.substr(8, 4)), nullptr, 16);
      if (low >= 0xDC00 && low < 0xE000) return {utf8(0x10000 + (high - 0xD800) * 0x400 + (low - 0xDC00)), 12};
    }
    return {utf8(high), 6};
  }
  const std::size_t name = names.find(text[1]);
  return {std::string(1, name == std::string::npos ? text[1] : values[name]), 2};
}

Units without_backslashes(std::string_view text) {
  Units units;
  for (std::size_t i = 0; i < text.size();) {
    const auto [bytes, size] = unescaped(text.substr(i));
    for (const char c : bytes) units.push_back({c, i, i + size});
    i += size;
  }
  return units;
}

template <class Read>
Units loosely(std::string_view text, std::string_view skipped, const Read& read) {
  Units units;
  std::size_t gap = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (skipped.find(text[i]) != std::string_view::npos) {
      if (++gap == 17) units.push_back({'\n', i, i + 1}); // what no text of this kind has
      continue;
    }
    gap = 0;
    units.push_back({read(text[i]), i, i + 1});
  }
  return units;
}

char plain_base64(char c) {
  return c == '-' ? '+' : c == '_' ? '/' : c;
}

// The digits that are the same whatever stands around the text.
void add_base64(const std::string& text, std::vector<std::string>& out) {
  for (std::size_t shift = 0; shift < 3; ++shift) {
    const std::string low = base64(std::string(shift, '\0') + text + std::string(3, '\0'));
    const std::string high = base64(std::string(shift, '\xff') + text + std::string(3, '\xff'));
    std::string same;
    std::size_t begin = 0;
    while (low[begin] != high[begin]) ++begin;
    for (std::size_t i = begin; i < low.size() && low[i] == high[i]; ++i) same += low[i];
    out.push_back(same);
    out.push_back(base64(std::string(shift, '\0') + text).substr(begin));
  }
}

std::string with(const std::string& text, char what, const std::string& by) {
  std::string out;
  for (const char c : text) out += c == what ? by : std::string(1, c);
  return out;
}

std::vector<std::string> pieces(const std::string& secret) {
  std::vector<std::string> out{secret};
  for (std::size_t at = 0; at <= secret.size() && secret.find('\n') != std::string::npos;) {
    const std::size_t end = std::min(secret.find('\n', at), secret.size());
    std::string line = secret.substr(at, end - at);
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first != std::string::npos) line = line.substr(first, line.find_last_not_of(" \t\r") + 1 - first);
    if (first != std::string::npos && line.size() >= 4) out.push_back(line);
    at = end + 1;
  }
  return out;
}

void search(const Units& units, const std::vector<std::string>& texts, std::vector<bool>& hidden) {
  for (const std::string& text : texts) {
    for (std::size_t at = 0; at + text.size() <= units.size(); ++at) {
      std::size_t same = 0;
      while (same < text.size() && units[at + same].byte == text[same]) ++same;
      if (same < text.size()) continue;
      for (std::size_t i = units[at].begin; i < units[at + same - 1].end; ++i) hidden[i] = true;
    }
  }
}

std::string slowly_masked(const std::vector<std::string>& secrets, const std::string& text) {
  std::vector<std::string> plain;
  std::vector<std::string> of_base64;
  std::vector<std::string> of_hex;
  for (const std::string& secret : secrets) {
    for (const std::string& piece : pieces(secret)) {
      for (const std::string& way :
           {piece, with(piece, '\'', "'\\''"), with(piece, '\'', "'\"'\"'"), with(piece, '+', " ")})
        plain.push_back(way);
      add_base64(piece, of_base64);
      of_hex.push_back(each_byte(piece, "{:02x}"));
    }
  }
  std::vector<bool> hidden(text.size());
  search(as_it_is(text), plain, hidden);
  search(without_percent(text), plain, hidden);
  search(without_backslashes(text), plain, hidden);
  search(loosely(text, " \t\r\n", plain_base64), of_base64, hidden);
  search(loosely(text, " \t\r\n:-", [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }),
         of_hex, hidden);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!hidden[i]) out += text[i];
    if (hidden[i] && (i == 0 || !hidden[i - 1])) out += "***";
  }
  return out;
}

// ---- random worlds

class World {
public:
  explicit World(unsigned seed) : random_(seed) {}

  std::size_t pick(std::size_t n) { return random_() % n; }
  bool chance(std::size_t n) { return pick(n) == 0; }

  std::string secret() {
    static const std::vector<std::string> alphabets{"ab",
                                                    "abcdef0123456789",
                                                    "aA+/=%\\'\" \n",
                                                    "%41+-_",
                                                    "\\nu0x",
                                                    "a\xff\x80\xfe",
                                                    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"};
    const std::string& alphabet = alphabets[pick(alphabets.size())];
    std::string out;
    const std::size_t size = 4 + pick(chance(4) ? 40 : 8);
    while (out.size() < size) out += alphabet[pick(alphabet.size())];
    return out;
  }

  std::string written(const std::string& secret) {
    switch (pick(11)) {
    case 0: return base64(noise(pick(4)) + secret + noise(pick(4)));
    case 1: return for_urls(base64(noise(pick(4)) + secret + noise(pick(4))));
    case 2: return wrapped(base64(noise(pick(4)) + secret));
    case 3: return each_byte(secret, "{:02x}");
    case 4: return each_byte(secret, "{:02X}:");
    case 5: return each_byte(secret, "%{:02X}");
    case 6: return some(secret, "%{:02x}");
    case 7: return some(secret, "\\{:03o}");
    case 8: return some(secret, "\\x{:02x}");
    case 9: return with(secret, '\'', "'\\''");
    default: return secret;
    }
  }

  std::string noise(std::size_t size) {
    static const std::string alphabet = "ab cA+/=%4\\'\"\nu0x-_:\x80";
    std::string out;
    while (out.size() < size) out += alphabet[pick(alphabet.size())];
    return out;
  }

private:
  std::string some(const std::string& secret, const char* format) {
    std::string out;
    for (const char c : secret) out += chance(2) ? std::string(1, c) : each_byte(std::string(1, c), format);
    return out;
  }
  std::string wrapped(const std::string& text) {
    std::string out;
    for (const char c : text) out += chance(5) ? std::string("\r\n") + c : std::string(1, c);
    return out;
  }

  std::mt19937 random_;
};

std::string in_pieces(const std::shared_ptr<const rb::Redactor>& redactor, std::string_view text, World& world) {
  rb::RedactedStream stream(redactor);
  std::string out;
  const std::size_t longest = 1 + world.pick(12);
  while (!text.empty()) {
    const std::size_t size = std::min(text.size(), world.pick(longest + 1));
    out += stream.feed(text.substr(0, size));
    text.remove_prefix(size);
  }
  return out + stream.finish();
}

} // namespace

TEST_CASE("redactor: a secret is masked in every encoding") {
  const std::string secret = "s3cr3t/pass+word?";
  CHECK(masked(secret, "a " + secret + " b") == "a *** b");
  CHECK(masked(secret, secret) == "***");
  CHECK(masked(secret, base64(secret)) == "***");
  CHECK(masked(secret, for_urls(base64(secret))) == "***");
  for (const std::string before : {"", "u", "us", "user:"}) {
    const std::string encoded = masked(secret, base64(before + secret + "\n"));
    CHECK(encoded.find("***") != std::string::npos);
    CHECK(encoded.size() <= 3 + base64(before).size() + 4);
  }
  CHECK(masked(secret, lower(each_byte(secret, "{:02x}"))) == "***");
  CHECK(masked(secret, each_byte(secret, "{:02X}")) == "***");
  CHECK(masked(secret, each_byte(secret, "{:02x} ")) == "*** ");
  CHECK(masked(secret, each_byte(secret, "%{:02X}")) == "***");
  CHECK(masked(secret, "s3cr3t%2Fpass%2Bword%3F") == "***");
  CHECK(masked(secret, "s3cr3t%2fpass%2bword%3f") == "***");
  CHECK(masked(secret, "{\"a\":\"s3cr3t\\/pass+word?\"}") == "{\"a\":\"***\"}");
  CHECK(masked(secret, each_byte(secret, "\\u00{:02x}")) == "***");
  CHECK(masked(secret, each_byte(secret, "\\x{:02x}")) == "***");
  CHECK(masked(secret, "s3cr3t/pass+word") == "s3cr3t/pass+word");
}

TEST_CASE("redactor: quotes and lines and characters of several bytes") {
  const std::string quoted = "it's \"so\" $x\\";
  CHECK(masked(quoted, "'it'\\''s \"so\" $x\\'") == "'***'");
  CHECK(masked(quoted, "\"it's \\\"so\\\" \\$x\\\\\"") == "\"***\"");
  CHECK(masked(quoted, "it\\'s\\ \\\"so\\\"\\ \\$x\\\\") == "***");
  CHECK(masked("p\xC3\xA4ss\xF0\x9F\x98\x80", "\"p\\u00e4ss\\ud83d\\ude00\"") == "\"***\"");
  CHECK(masked("p\xC3\xA4ss", "$'p\\303\\244ss'") == "$'***'");
  const std::string lines = "-----BEGIN KEY-----\nabcdefgh\n  ijklmnop\r\nxyz\n";
  CHECK(masked(lines, "abcdefgh, ijklmnop, xyz") == "***, ***, xyz");
  CHECK(masked(lines, lines) == "***");
  CHECK(masked(lines, "-----BEGIN KEY-----\\nabcdefgh\\n") == "***\\n***\\n");
}

TEST_CASE("redactor: base64 is found across the lines that tools break it into") {
  const std::string secret(100, 'k');
  std::string broken = base64("user:" + secret);
  for (std::size_t at = 76; at < broken.size(); at += 77) broken.insert(at, "\n");
  CHECK(masked(secret, broken).size() < 20);
}

TEST_CASE("redactor: overlapping and touching secrets leave nothing between them") {
  const auto both = redactor_for({"abcdef", "defghi"});
  CHECK(rb::redact(both, "xabcdefghix") == "x***x");
  CHECK(rb::redact(both, "abcdefabcdef defghi") == "*** ***");
  CHECK(rb::redact(redactor_for({"abcd", "abcdefgh"}), "abcdefg abcdefgh") == "***efg ***");
}

TEST_CASE("redactor: what is no secret comes out at once") {
  rb::RedactedStream stream(redactor_for({"hunter2"}));
  CHECK(stream.feed("progress 10%\n") == "progress 10%\n");
  CHECK(stream.feed("hun") == "");
  CHECK(stream.feed("t") == "");
  CHECK(stream.feed("ing\nhunter") == "hunting\n");
  CHECK(stream.feed("2") == "***");
  CHECK(stream.finish() == "");
  rb::RedactedStream cut_off(redactor_for({"hunter2"}));
  CHECK(cut_off.feed("hunter") == "");
  CHECK(cut_off.finish() == "hunter");
}

TEST_CASE("redactor: what is masked does not depend on how a text is cut") {
  for (unsigned seed = 0; seed < 4000; ++seed) {
    World world(seed);
    std::vector<std::string> secrets;
    for (std::size_t n = 1 + world.pick(3); n > 0; --n) secrets.push_back(world.secret());
    if (world.chance(3)) secrets.push_back(secrets[0].substr(1) + secrets[0].substr(0, 2) + "ab");
    std::string text;
    for (std::size_t n = world.pick(12); n > 0; --n) {
      const std::string& secret = secrets[world.pick(secrets.size())];
      text += world.chance(3)   ? world.noise(world.pick(8))
              : world.chance(6) ? secret.substr(0, 3)
                                : world.written(secret);
      if (world.chance(8)) text += std::string(14 + world.pick(6), ' ');
    }
    const auto redactor = redactor_for(secrets);
    const std::string expected = slowly_masked(secrets, text);
    REQUIRE_MESSAGE(rb::redact(redactor, text) == expected, "seed " << seed << ": " << each_byte(text, "{:02x} "));
    REQUIRE_MESSAGE(in_pieces(redactor, text, world) == expected, "in pieces, seed " << seed);
  }
}

TEST_CASE("redactor: time and memory do not grow with the square of a long secret") {
  const std::string secret(rb::Secret::max_bytes, 'a');
  rb::RedactedStream stream(redactor_for({secret}));
  std::size_t size = 0;
  const std::string piece(4096, 'a');
  for (int i = 0; i < 500; ++i) size += stream.feed(piece).size();
  size += stream.feed("b").size() + stream.finish().size();
  CHECK(size == 4);
}
