// The small pieces of HTTP's grammar (RFC 9110) that are checked before anything is sent.
#pragma once

#include <string>
#include <string_view>

namespace runbook::http {

/// A method or a header's name: not empty, letters, digits and !#$%&'*+-.^_`|~ only.
[[nodiscard]] bool is_token(std::string_view text) noexcept;

/// What a header's value may hold: no control character but the tab. Keeps a value from becoming a header of its own.
[[nodiscard]] bool is_field_value(std::string_view text) noexcept;

/// Equal but for the case of ASCII letters, as names of headers are compared.
[[nodiscard]] bool equal_names(std::string_view a, std::string_view b) noexcept;

/// The text with its ASCII letters in lower case.
[[nodiscard]] std::string lower_case(std::string_view text);

/// The text without the blanks (space, tab, CR, LF) at its ends.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

/// Whether a URL starts with `http://` or `https://`, in any case.
[[nodiscard]] bool has_http_scheme(std::string_view url) noexcept;

/// The URL as it may be shown: without user and password, without control characters, not endless.
[[nodiscard]] std::string shown_url(std::string_view url);

/// Bytes as text: as UTF-8 if they are that, else as Latin-1, which is what HTTP says that they are.
[[nodiscard]] std::string as_utf8(std::string_view bytes);

} // namespace runbook::http
