// How a secret may be written: the texts that are looked for.
#pragma once

#include "secret/automaton.hpp"

#include <runbook/secret.hpp>

#include <string_view>

namespace runbook {

/// What is looked for in a text as it stands, and in it with its escapes undone: the secret, each of its lines, and
/// these with the quotes of shells in them.
void add_plain(const Secret& secret, Automaton& texts);
/// What is looked for in a text in which line breaks do not count, `-` is `+` and `_` is `/`: base64 of the secret and
/// of its lines, whatever stands in front of them and behind them. A digit that a neighbour has a part in is not looked
/// for.
void add_base64(const Secret& secret, Automaton& texts);
/// What is looked for in a text in lower case in which nothing between two bytes counts: hexadecimal digits.
void add_hex(const Secret& secret, Automaton& texts);

} // namespace runbook
