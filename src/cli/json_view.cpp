#include "output.hpp"
#include "views.hpp"

#include <boost/json/serialize.hpp>
#include <unistd.h>

namespace runbook::cli {

namespace {

class JsonView final : public View {
public:
  void event(const Event& event, Moment) override {
    if (const auto* created = std::get_if<RunCreated>(&event.data)) outline_ = created->header->outline;
    lines_ += boost::json::serialize(to_json(event, outline_.get()));
    lines_ += '\n';
  }

  void output(const ActionRef&, std::string_view) override {}

  // Nobody who reads any more: the run goes on all the same.
  bool refresh(Moment) override {
    if (!lines_.empty() && !lost_) lost_ = !write_all(STDOUT_FILENO, lines_);
    lines_.clear();
    return false;
  }
  [[nodiscard]] bool lost() const override { return lost_; }

private:
  std::shared_ptr<const Outline> outline_;
  std::string lines_;
  bool lost_ = false;
};

} // namespace

std::unique_ptr<View> make_json_view() {
  return std::make_unique<JsonView>();
}

} // namespace runbook::cli
