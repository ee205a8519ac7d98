#include "model_json/origin.hpp"

namespace runbook::model_json {

SourceSpan Site::value() const {
  return origin_ == nullptr ? SourceSpan() : origin_->source.span(place().begin, place().end);
}

SourceSpan Site::member() const {
  return origin_ == nullptr ? SourceSpan() : origin_->source.span(place().key, place().end);
}

SourceSpan Site::text() const {
  if (origin_ == nullptr) return {};
  const bool quoted = place().content == place().begin + 1;
  return origin_->source.span(place().content, place().end - (quoted ? 1 : 0));
}

Site Site::first() const {
  return {origin_, index_ + 1};
}

Site Site::next() const {
  return origin_ == nullptr ? Site() : Site(origin_, place().next);
}

} // namespace runbook::model_json
