#include "expression/references.hpp"

#include "source_text.hpp"

#include <algorithm>
#include <string>

namespace runbook::expression {

namespace {

using Kind = Node::Kind;

struct Found {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  Expression::Reference reference{};
};

/// The variable at the base of a path, and its members as far as the text names them.
Found follow(const Program& program, const Node& path, const Node& base) {
  Found found{base.begin, base.end, {{program.names[base.data]}, {}, path.kind == Kind::has}};
  for (std::uint32_t i = 1; i < path.count; ++i) {
    const Operand& step = program.operands[path.first + i];
    const Node& name = program.nodes[step.node];
    if (name.kind != Kind::literal || !program.literals[name.data].is_string()) break;
    found.reference.path.emplace_back(program.literals[name.data].get_string());
    found.end = step.end;
  }
  return found;
}

} // namespace

std::vector<Expression::Reference> references_of(const Program& program) {
  std::vector<Found> all;
  std::vector<bool> followed(program.nodes.size());
  for (const Node& node : program.nodes) {
    if (node.kind != Kind::path && node.kind != Kind::has) continue;
    const NodeIndex base = program.operands[node.first].node;
    if (program.nodes[base].kind != Kind::variable) continue;
    followed[base] = true;
    all.push_back(follow(program, node, program.nodes[base]));
  }
  for (NodeIndex i = 0; i < program.nodes.size(); ++i) {
    const Node& node = program.nodes[i];
    if (node.kind != Kind::variable || followed[i]) continue;
    all.push_back({node.begin, node.end, {{program.names[node.data]}, {}, false}});
  }
  std::ranges::sort(all, {}, &Found::begin);
  const SourceText text(program.text);
  std::vector<Expression::Reference> references;
  for (Found& found : all) {
    found.reference.span = text.span(found.begin, found.end);
    references.push_back(std::move(found.reference));
  }
  return references;
}

} // namespace runbook::expression
