#include "approvers.hpp"

namespace runbook::cli {

namespace {

class YesApprover final : public Approver {
public:
  YesApprover(std::string who, std::shared_ptr<Approver> person) : who_(std::move(who)), person_(std::move(person)) {}

  Result<void> ask(const Question& question, std::function<void(Answer)> reply) override {
    const bool more_than_yes = question.wants.kind != AnswerKind::yes_no;
    if (more_than_yes || question.kind == QuestionKind::stop_rollback) return person_->ask(question, std::move(reply));
    Answer answer;
    answer.yes = true;
    answer.who = who_;
    reply(std::move(answer));
    return {};
  }

  void withdraw(const std::string& run, const std::string& token) override { person_->withdraw(run, token); }

private:
  std::string who_;
  std::shared_ptr<Approver> person_;
};

class AbsentApprover final : public Approver {
public:
  Result<void> ask(const Question&, std::function<void(Answer)>) override {
    return Error{errc::approver_unavailable, "standard input and standard error are no terminal", {}};
  }
  void withdraw(const std::string&, const std::string&) override {}
};

} // namespace

std::shared_ptr<Approver> make_yes_approver(std::string who, std::shared_ptr<Approver> person) {
  return std::make_shared<YesApprover>(std::move(who), std::move(person));
}

std::shared_ptr<Approver> make_absent_approver() {
  return std::make_shared<AbsentApprover>();
}

} // namespace runbook::cli
