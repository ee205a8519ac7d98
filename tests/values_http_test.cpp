// Values never become a part of a request that they were not meant for: whatever characters are in a value, the server
// sees it as this one value, or the request is refused in words.
#include "support/fields.hpp"
#include "support/http_servers.hpp"

#include <cstdlib>

using namespace runbook;
using namespace runbook::testing;

namespace {

const std::string& server() {
  static http_test::MisbehavingServer instance;
  return instance.a;
}

/// A request whose answer is the output of the step; with `more` parameters.
Step& request(Passage& p, const std::string& path, Values more = {}) {
  more["url"] = server() + path;
  more.emplace("method", "POST");
  Step& step = p.book.step("a").use("http", std::move(more));
  step.actions[0].capture = "answer";
  return step;
}

/// The bytes behind a text in which the server has made one character of each.
std::string bytes_of(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      bytes += text[i];
    } else {
      ++i;
      bytes += static_cast<char>(((byte & 0x03U) << 6) | (static_cast<unsigned char>(text[i]) & 0x3FU));
    }
  }
  return bytes;
}

/// What /echo tells of the request.
std::string told(const Passage& p, const char* member) {
  const Value answer = parse_json(to_text(p.captured("a"))).value();
  return bytes_of(answer.at(member).as_string());
}

std::string percent_decoded(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// What stands between two texts in the request's head, where nothing may be that would end it.
std::string between(const Passage& p, const std::string& before, const std::string& behind) {
  const std::string head = told(p, "head") + "\r\n";
  const std::size_t begin = head.find(before);
  if (begin == std::string::npos) return "(" + before + " is not there)";
  const std::size_t end = head.find(behind, begin + before.size());
  return head.substr(begin + before.size(), end - begin - before.size());
}

const std::vector<std::string> no_header{"terminal", "lines", "line end", "carriage return", "export line", "header"};

std::vector<Field> head_fields() {
  return {
      {.name = "path",
       .build = [](Passage& p) { request(p, "/echo/{{ x }}/end"); },
       .seen = [](const Passage& p) { return percent_decoded(between(p, "POST /echo/", "/end HTTP/1.1\r\n")); },
       .refuses = {"folder above"},
       .refusal = "URL's path"},
      {.name = "query",
       .build = [](Passage& p) { request(p, "/echo?q={{ x }}&last=1"); },
       .seen = [](const Passage& p) { return percent_decoded(between(p, "POST /echo?q=", "&last=1 HTTP/1.1\r\n")); }},
      {.name = "header",
       .build = [](Passage& p) { request(p, "/echo", {{"headers", {{"X-Value", "<{{ x }}>"}}}}); },
       .seen = [](const Passage& p) { return between(p, "\r\nX-Value: <", ">\r\n"); },
       .refuses = no_header,
       .refusal = "X-Value"},
      {.name = "host",
       .build = [](Passage& p) { p.book.step("a").use("http", {{"url", "http://127.0.0.1:{{ x }}/"}}); },
       .refuses = {"all"},
       .refusal = "URL"},
      {.name = "start of the URL",
       .build = [](Passage& p) { p.book.step("a").use("http", {{"url", "{{ x }}/echo"}}); },
       .refuses = {"all"},
       .refusal = "URL"},
      {.name = "proxy",
       .build = [](Passage& p) { request(p, "/echo", {{"proxy", "http://127.0.0.1:{{ x }}"}}); },
       .refuses = {"all"},
       .refusal = "proxy"}};
}

std::vector<Field> body_fields() {
  const Values json{{"Content-Type", "application/json"}};
  const auto sent = [](const Passage& p) { return told(p, "body"); };
  return {{.name = "JSON body, within quotes and without",
           .build =
               [=](Passage& p) {
                 request(p, "/echo", {{"headers", json}, {"body", R"({"v": "<{{ x }}>", "w": {{ x }}, "last": 1})"}});
               },
           .seen =
               [=](const Passage& p) {
                 const Value body = parse_json(sent(p)).value();
                 const bool whole = body.as_object().size() == 3 && body.at("v") == Value("<" + p.value + ">");
                 return whole ? to_text(body.at("w")) : sent(p);
               },
           .refuses = {"very long"}, // twice of it is more than can be captured
           .refusal = "'answer'"},
          {.name = "text body",
           .build =
               [](Passage& p) {
                 request(p, "/echo", {{"headers", {{"Content-Type", "text/plain"}}}, {"body", "<{{ x }}>"}});
               },
           .seen = sent,
           .arrives = [](const std::string& value) { return "<" + value + ">"; }},
          {.name = "form",
           .build =
               [](Passage& p) {
                 request(p, "/echo",
                         {{"headers", {{"Content-Type", "application/x-www-form-urlencoded"}}},
                          {"body", "v={{ x }}&last=1"}});
               },
           .seen =
               [=](const Passage& p) {
                 const std::string body = sent(p);
                 const std::size_t end = body.find('&');
                 return body.substr(end) == "&last=1" ? percent_decoded(body.substr(2, end - 2)) : body;
               }}};
}

std::vector<Field> answer_fields() {
  const Values json{{"Content-Type", "application/json"}};
  const Values echoed{{"method", "POST"},
                      {"url", server() + "/echo_body"},
                      {"headers", json},
                      {"body", R"({"v": "{{ x }}"})"},
                      {"captures", {{"v", "/v"}}}};
  return {{.name = "captured for the next request and the next step",
           .build =
               [=](Passage& p) {
                 const Values next{{"method", "POST"},
                                   {"url", server() + "/echo?q={{ v }}&last=1"},
                                   {"headers", json},
                                   {"body", R"({"v": "{{ v }}"})"},
                                   {"expect", "HTTP 200\n\n{\"port\": \"a\"}"}};
                 p.book.step("a").use("http", {{"requests", boost::json::array{echoed, next}}}).actions[0].capture =
                     "y";
                 p.shell("b", "printf %s \"$v\" >seen");
               },
           .seen =
               [](const Passage& p) {
                 const std::string query = percent_decoded(between(p, "POST /echo?q=", "&last=1 HTTP/1.1\r\n"));
                 const Value body = parse_json(told(p, "body")).value();
                 return query == p.value && body.at("v") == Value(query) ? p.folder.read("seen") : query;
               },
           .refuses = {"very long"},
           .refusal = "'y'"},
          {.name = "expected JSON",
           .build =
               [=](Passage& p) {
                 Values params = echoed;
                 params["expect"] = "HTTP 200\n\n{\"v\": \"{{ x }}\"}";
                 p.book.step("a").use("http", params);
                 p.shell("b", "printf %s \"$x\" >seen");
               }},
          {.name = "something else than the expected JSON",
           .build =
               [=](Passage& p) {
                 Values params = echoed;
                 params["body"] = R"({"v": "another <{{ x }}>"})";
                 params["expect"] = "HTTP 200\n\n{\"v\": \"{{ x }}\"}";
                 p.book.step("a").use("http", params);
                 p.shell("b", "printf %s \"$x\" >seen");
               },
           .refuses = {"all"},
           .refusal = "/v"},
          {.name = "expected header",
           .build =
               [=](Passage& p) {
                 Values params = echoed;
                 params["expect"] = "HTTP 200\nContent-Type: {{ x }}\n";
                 p.book.step("a").use("http", params);
                 p.shell("b", "printf %s \"$x\" >seen");
               },
           .refuses = {"all"},
           .refusal = "Content-Type"},
          {.name = "expected text", .build = [=](Passage& p) {
             request(p, "/echo_body", {{"body", "<{{ x }}>"}, {"expect", "HTTP 200\n\n<{{ x }}>"}});
             p.shell("b", "printf %s \"$x\" >seen");
           }}};
}

std::string certificate() {
  static const http_test::TempFolder folder;
  static const http_test::Certificates certificates(folder);
  return certificates.certificate;
}

/// Files for TLS, none of which is there: the server that is asked speaks none.
std::vector<Field> file_fields() {
  std::vector<Field> fields;
  for (const std::string name : {"ca_file", "client_cert", "client_key"}) {
    fields.push_back({.name = name,
                      .build =
                          [name](Passage& p) {
                            Values params{{"url", "https" + server().substr(4)}, {name, "f-{{ x }}"}};
                            if (name == "client_key") params["client_cert"] = certificate();
                            p.book.step("a").use("http", params);
                          },
                      .refuses = {"all"},
                      .refusal = "f-"});
  }
  return fields;
}

} // namespace

TEST_CASE("values in requests: none leaves the name of a file") {
  for (const Field& field : file_fields()) check_field(field);
}

TEST_CASE("values in requests: none leaves its place in the head") {
  for (const Field& field : head_fields()) check_field(field);
}

TEST_CASE("values in requests: none leaves its place in the body") {
  for (const Field& field : body_fields()) check_field(field);
}

TEST_CASE("values in requests: what a server answers is a value like any other") {
  for (const Field& field : answer_fields()) check_field(field);
}
