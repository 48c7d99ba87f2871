#include "mpi/run/records.hpp"

#include <algorithm>

#include "mpi/run/append_file.hpp"
#include "mpi/run/withdrawal.hpp"

namespace amorsize::run {

void Records::add(const Ended& ended, Outcome outcome) {
    ItemRecord record;
    record.item = ended.task.item;
    record.start = ended.start;
    record.output_end = ended.output_end;
    record.seconds = static_cast<float>(ended.seconds);
    record.user = static_cast<float>(ended.user);
    record.system = static_cast<float>(ended.system);
    record.peak_kib = ended.peak_kib;
    record.received = ended.received;
    record.worker = ended.worker;
    record.attempt = ended.task.attempt;
    record.outcome = outcome;
    record.exit_code = static_cast<std::uint8_t>(ended.exit_code);
    record.signal = static_cast<std::uint8_t>(ended.signal);
    record.followers = ended.followers;
    journal_.append(record);

    const std::int64_t items = 1 + std::int64_t{ended.followers};
    const auto times = static_cast<double>(items);
    figures_.busy += times * ended.seconds;
    figures_.user += times * ended.user;
    figures_.system += times * ended.system;
    figures_.longest = std::max(figures_.longest, ended.seconds);
    figures_.peak_kib = std::max<std::int64_t>(figures_.peak_kib, ended.peak_kib);
    if (outcome == Outcome::done || outcome == Outcome::failed) count(outcome, items);
}

void Records::withdraw(const Distrusted& worker) {
    commit();
    const std::int64_t items = withdraw_answers(worker, journal_, output_);
    figures_.withdrawn += items;
    count(Outcome::done, -items);
    count(Outcome::failed, items);
}

void Records::count(Outcome outcome, std::int64_t items) {
    const bool done = outcome == Outcome::done;
    (done ? figures_.done : figures_.failed) += items;
    (done ? tally_.done : tally_.failed) += items;
}

void Records::commit() {
    check_disk();
    output_.commit();
    if (journal_.commit()) disk_.written();
}

void Records::finish() {
    commit();
    disk_.finish();
    check_disk();
}

void Records::check_disk() const {
    if (disk_.error() != 0) throw_storage_error("write to", "the run's folder", disk_.error());
}

}  // namespace amorsize::run
