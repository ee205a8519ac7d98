// The terminal of a run: the variables that its shell steps have exported and the directory that they have gone to. A
// person would type a document into one terminal; so a run behaves like one, although each script is a process of its
// own.
//
// Ownership: a `Terminal` is an immutable value; copies share their content, and so do a terminal and what `after`
// makes of it, so that keeping one for each of many steps costs what the steps changed. Thread-safety: immutable.
#pragma once

#include <runbook/value.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace runbook {

/// What an attempt has left in its terminal, compared with what it found there.
struct TerminalChange {
  Values variables{};      ///< by name: the text that is exported now, or null if the variable was unset
  std::string directory{}; ///< the absolute path that it went to; empty: it stayed where it was

  [[nodiscard]] bool empty() const noexcept { return variables.empty() && directory.empty(); }
  friend bool operator==(const TerminalChange&, const TerminalChange&) = default;
};

class RUNBOOK_EXPORT Terminal {
public:
  /// The terminal as this change leaves it. What is neither text nor null among the variables is taken as its text.
  [[nodiscard]] Terminal after(const TerminalChange& change) const;

  /// Absolute; empty: where the run was started.
  [[nodiscard]] const std::string& directory() const noexcept;
  /// Names and values of all variables together, in bytes.
  [[nodiscard]] std::size_t size() const noexcept;
  /// Visits the variables that were changed since the run began, by name. No value: the variable was unset.
  void each(const std::function<void(std::string_view name, const std::string* value)>& visit) const;

  /// One variable of the tree that terminals share (terminal.cpp).
  struct Node;

private:
  std::shared_ptr<const Node> root_;
  std::shared_ptr<const std::string> directory_;
};

} // namespace runbook
