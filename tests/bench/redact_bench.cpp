// What masking costs: MB/s of output with secrets in it, beside a copy of it and beside the digest that every output
// costs anyway, in the same rounds.
//
//   redact_bench [ROUNDS]     prints JSON
#include "digest.hpp"
#include "secret/redactor.hpp"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace rb = runbook;

namespace {

constexpr std::size_t text_size = 16'000'000;
constexpr std::size_t piece = 65536;

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::string filled(const std::function<std::string(std::mt19937&)>& line) {
  std::mt19937 random(1);
  std::string text;
  while (text.size() < text_size) text += line(random);
  text.resize(text_size);
  return text;
}

std::string random_text(std::mt19937& random, std::string_view alphabet, std::size_t size) {
  std::string out;
  while (out.size() < size) out += alphabet[random() % alphabet.size()];
  return out;
}

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/";

std::map<std::string, std::string> texts(const std::string& secret) {
  return {
      {"log", filled([](std::mt19937& random) {
         return fmt::format("2026-01-31T23:59:{:02}.{:03}Z INFO  server: request {} of 10.0.0.{} took {} ms, 100%\n",
                            random() % 60, random() % 1000, random() % 100000, random() % 256, random() % 500);
       })},
      {"base64", filled([](std::mt19937& random) { return random_text(random, letters, 76) + "\n"; })},
      {"hostile", filled([&](std::mt19937& random) { return secret.substr(0, 4 + random() % (secret.size() - 4)); })}};
}

double masking(const std::shared_ptr<const rb::Redactor>& redactor, std::string_view text) {
  const double start = thread_seconds();
  rb::RedactedStream stream(redactor);
  std::size_t size = 0;
  for (std::size_t at = 0; at < text.size(); at += piece) size += stream.feed(text.substr(at, piece)).size();
  size += stream.finish().size();
  return size == 0 ? 1e9 : thread_seconds() - start;
}

double copying(std::string_view text) {
  const double start = thread_seconds();
  std::size_t size = 0;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    const std::string copy(text.substr(at, piece));
    size += static_cast<unsigned char>(copy[copy.size() / 2]);
  }
  return size == 0 ? 1e9 : thread_seconds() - start;
}

double digesting(std::string_view text) {
  const double start = thread_seconds();
  rb::Sha256 digest;
  for (std::size_t at = 0; at < text.size(); at += piece) digest.update(text.substr(at, piece));
  return digest.hex().empty() ? 1e9 : thread_seconds() - start;
}

double median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

} // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 7;
  std::mt19937 random(7);
  rb::Secrets secrets;
  for (const char* name : {"a", "b", "c"}) secrets.emplace(name, rb::Secret(random_text(random, letters, 40)));
  const auto redactor = std::make_shared<const rb::Redactor>(secrets);
  std::string out;
  for (const auto& [name, text] : texts(std::string(secrets.at("a").reveal()))) {
    std::vector<double> masked;
    std::vector<double> copied;
    std::vector<double> digested;
    for (int round = 0; round < rounds; ++round) {
      masked.push_back(masking(redactor, text));
      copied.push_back(copying(text));
      digested.push_back(digesting(text));
    }
    const double mega = static_cast<double>(text_size) / 1e6;
    out += fmt::format("{}\"{}\": {{\"masked\": {:.0f}, \"copied\": {:.0f}, \"digested\": {:.0f}}}",
                       out.empty() ? "" : ", ", name, mega / median(masked), mega / median(copied),
                       mega / median(digested));
  }
  fmt::print("{{{}}}\n", out);
}
