// The variables of a terminal as a balanced search tree (AVL) that is never changed: a new one shares all nodes with
// the old one but those on the way to what differs.
#include <runbook/terminal.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace runbook {

namespace {

struct Variable {
  std::string name;
  std::optional<std::string> value;
};

using SharedVariable = std::shared_ptr<const Variable>;
using Tree = std::shared_ptr<const Terminal::Node>;

} // namespace

struct Terminal::Node {
  SharedVariable variable;
  Tree left;
  Tree right;
  std::size_t bytes = 0; // of all variables in it
  int height = 1;
};

namespace {

int height(const Tree& tree) noexcept {
  return tree ? tree->height : 0;
}

std::size_t bytes(const Tree& tree) noexcept {
  return tree ? tree->bytes : 0;
}

Tree join(Tree left, SharedVariable variable, Tree right) {
  const std::size_t own = variable->name.size() + (variable->value ? variable->value->size() : 0);
  const std::size_t all = own + bytes(left) + bytes(right);
  const int high = 1 + std::max(height(left), height(right));
  return std::make_shared<const Terminal::Node>(
      Terminal::Node{std::move(variable), std::move(left), std::move(right), all, high});
}

/// Joins trees whose heights differ by two at most.
Tree balance(Tree left, SharedVariable variable, Tree right) {
  if (height(left) > height(right) + 1) {
    if (height(left->left) >= height(left->right)) {
      return join(left->left, left->variable, join(left->right, std::move(variable), std::move(right)));
    }
    const Tree& middle = left->right;
    return join(join(left->left, left->variable, middle->left), middle->variable,
                join(middle->right, std::move(variable), std::move(right)));
  }
  if (height(right) > height(left) + 1) {
    if (height(right->right) >= height(right->left)) {
      return join(join(std::move(left), std::move(variable), right->left), right->variable, right->right);
    }
    const Tree& middle = right->left;
    return join(join(std::move(left), std::move(variable), middle->left), middle->variable,
                join(middle->right, right->variable, right->right));
  }
  return join(std::move(left), std::move(variable), std::move(right));
}

Tree with(const Tree& tree, SharedVariable variable) {
  if (!tree) return join(nullptr, std::move(variable), nullptr);
  const int order = variable->name.compare(tree->variable->name);
  if (order < 0) return balance(with(tree->left, std::move(variable)), tree->variable, tree->right);
  if (order > 0) return balance(tree->left, tree->variable, with(tree->right, std::move(variable)));
  return join(tree->left, std::move(variable), tree->right);
}

using Visit = std::function<void(std::string_view, const std::string*)>;

void walk(const Tree& tree, const Visit& visit) {
  if (!tree) return;
  walk(tree->left, visit);
  visit(tree->variable->name, tree->variable->value ? &*tree->variable->value : nullptr);
  walk(tree->right, visit);
}

} // namespace

Terminal Terminal::after(const TerminalChange& change) const {
  Terminal changed = *this;
  for (const auto& member : change.variables) {
    Variable variable{std::string(member.key()), std::nullopt};
    if (!member.value().is_null()) variable.value = to_text(member.value());
    changed.root_ = with(changed.root_, std::make_shared<const Variable>(std::move(variable)));
  }
  if (!change.directory.empty()) changed.directory_ = std::make_shared<const std::string>(change.directory);
  return changed;
}

const std::string& Terminal::directory() const noexcept {
  static const std::string where_the_run_began;
  return directory_ ? *directory_ : where_the_run_began;
}

std::size_t Terminal::size() const noexcept {
  return bytes(root_);
}

void Terminal::each(const Visit& visit) const {
  walk(root_, visit);
}

} // namespace runbook
