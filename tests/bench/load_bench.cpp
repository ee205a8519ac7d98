// What loading a tree of runbooks costs, beside the floor: cmark-gfm alone parsing the same text in the same rounds.
// Processor time, so that what else the machine does counts little.
//
//   load_bench [DOCUMENTS [ROUNDS]]     one JSON object on standard output; times in seconds
#include "runbook_tree.hpp"
#include "support/cpu_time.hpp"

#include <runbook/parse.hpp>

#include <cmark-gfm.h>
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

namespace rb = runbook;

namespace {

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

std::size_t heap_in_use() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

double bare(const std::vector<std::string>& documents) {
  const auto time = runbook_test::cpu_time([&] {
    for (const std::string& text : documents) {
      cmark_node_free(cmark_parse_document(text.data(), text.size(), CMARK_OPT_DEFAULT));
    }
  });
  return time.count();
}

struct Loaded {
  double seconds = 0;
  std::size_t bytes = 0;
  std::size_t errors = 0;
  std::size_t findings = 0;
  std::size_t steps = 0;
};

Loaded load(const std::vector<std::string>& documents) {
  Loaded loaded;
  const std::size_t before = heap_in_use();
  std::vector<rb::Runbook> books;
  books.reserve(documents.size());
  const auto time = runbook_test::cpu_time([&] {
    for (const std::string& text : documents) {
      rb::Parsed parsed = rb::parse_markdown(text);
      loaded.errors += parsed.ok() ? 0 : 1;
      loaded.findings += parsed.diagnostics.size();
      books.push_back(std::move(parsed.runbook));
    }
  });
  loaded.seconds = time.count();
  loaded.bytes = heap_in_use() - before;
  for (const rb::Runbook& book : books) loaded.steps += book.steps.size();
  return loaded;
}

} // namespace

int main(int argc, char** argv) {
  const std::size_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 5000;
  const std::size_t rounds = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 7;
  const std::vector<std::string> documents = bench::make_runbook_tree(count);
  std::size_t bytes = 0;
  for (const std::string& text : documents) bytes += text.size();
  std::vector<double> floor;
  std::vector<double> times;
  Loaded last;
  for (std::size_t round = 0; round <= rounds; ++round) {
    const double alone = bare(documents);
    last = load(documents);
    if (round == 0) continue; // warms up
    floor.push_back(alone);
    times.push_back(last.seconds);
  }
  fmt::print(
      "{{\"documents\": {}, \"text_bytes\": {}, \"steps\": {}, \"errors\": {}, \"findings\": {}, \"cmark\": {:.4f}, "
      "\"load\": {:.4f}, \"heap_bytes\": {}, \"runbook_bytes\": {}}}\n",
      count, bytes, last.steps, last.errors, last.findings, median(floor), median(times), last.bytes,
      count * sizeof(rb::Runbook));
  return last.errors == 0 ? 0 : 1;
}
