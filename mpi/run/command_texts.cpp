#include "mpi/run/command_texts.hpp"

#include "advisor/core/command_line.hpp"

namespace amorsize::run {

CommandTexts::CommandTexts(const PlannedJob& job, ItemTexts& items)
    : job_(job), items_(items), around_item_(around_item(job.job.command)) {}

std::optional<CommandTexts::AroundItem> CommandTexts::around_item(const Command& command) {
    if (command.shell) return std::nullopt;
    AroundItem around;
    bool found = false;
    for (const std::string& argument : command.argv) {
        if (argument == "{item}" || argument == "{items}") {
            if (found) return std::nullopt;
            found = true;
        } else if (argument.find('{') != std::string::npos) {
            return std::nullopt;
        } else if (found) {
            around.after += " " + shell_quoted(argument);
        } else {
            around.before += shell_quoted(argument) + " ";
        }
    }
    if (!found) return std::nullopt;
    return around;
}

std::string_view CommandTexts::operator()(std::int64_t item) {
    if (job_.job.mode == Mode::stream) return items_[item];
    if (job_.job.mode == Mode::program) {
        text_ = shell_quoted(job_.job.command.argv);
    } else if (around_item_) {
        text_.assign(around_item_->before);
        text_.append(shell_quoted(items_[item]));
        text_.append(around_item_->after);
    } else {
        Assignment assignment;
        assignment.items = {items_[item]};
        assignment.index = item;
        text_ = shell_quoted(expand_command(job_.job.command, assignment));
    }
    return text_;
}

}  // namespace amorsize::run
