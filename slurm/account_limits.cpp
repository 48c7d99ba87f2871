#include "slurm/account_limits.hpp"

#include <algorithm>

#include "slurm/parse_records.hpp"
#include "slurm/parse_values.hpp"

namespace amorsize::slurm {
namespace {

constexpr Seconds kLimit{10};

std::vector<Record> ask(const CommandPort& run, std::vector<std::string> what,
                        const std::vector<std::string>& columns) {
    std::string format = "format=";
    for (const auto& column : columns) format += (&column == &columns.front() ? "" : ",") + column;
    std::vector<std::string> argv{"sacctmgr", "-nP", "show"};
    argv.insert(argv.end(), what.begin(), what.end());
    argv.push_back(format);
    const auto result = run(argv, kLimit);
    if (result.status != 0 || result.timed_out) return {};
    return parse_columns(result.out, columns);
}

std::optional<int> amount(std::string_view tres, std::string_view name) {
    const auto text = parse_tres(tres, name);
    const auto count = text ? parse_count(*text) : std::nullopt;
    return count ? std::optional(static_cast<int>(*count)) : std::nullopt;
}

ResourceLimits limits(std::string_view tres, std::string_view wall) {
    const auto memory = parse_tres(tres, "mem");
    return {amount(tres, "node"), amount(tres, "cpu"), amount(tres, "gres/gpu"),
            memory ? parse_memory(*memory) : std::nullopt, parse_time(wall)};
}

template <class T>
std::optional<T> tighter(std::optional<T> a, std::optional<T> b) {
    return a && b ? std::min(*a, *b) : a ? a : b;
}

ResourceLimits tighter(const ResourceLimits& a, const ResourceLimits& b) {
    return {tighter(a.nodes, b.nodes), tighter(a.cpus, b.cpus), tighter(a.gpus, b.gpus),
            tighter(a.memory, b.memory), tighter(a.wall, b.wall)};
}

// A group limit stands at the account itself and is not shown at its users.
ResourceLimits group_limits(const CommandPort& run, const std::string& account) {
    ResourceLimits found;
    for (const auto& row : ask(run, {"assoc", "account=" + account}, {"User", "GrpTRES"})) {
        if (field(row, "User").empty()) found = tighter(found, limits(field(row, "GrpTRES"), ""));
    }
    return found;
}

}  // namespace

std::vector<AccountLimits> read_account_limits(const CommandPort& run) {
    const auto me = run({"id", "-un"}, kLimit);
    const std::string user(trimmed(me.out));
    if (me.status != 0 || user.empty()) return {};
    std::vector<AccountLimits> accounts;
    for (const auto& row : ask(run, {"assoc", "user=" + user},
                               {"Account", "Partition", "QOS", "GrpTRES", "MaxTRES", "MaxWall"})) {
        AccountLimits account;
        account.account = field(row, "Account");
        account.partition = field(row, "Partition");
        if (!field(row, "QOS").empty()) account.qos = split(field(row, "QOS"), ',');
        account.per_job = limits(field(row, "MaxTRES"), field(row, "MaxWall"));
        account.all_jobs =
            tighter(limits(field(row, "GrpTRES"), ""), group_limits(run, account.account));
        accounts.push_back(std::move(account));
    }
    return accounts;
}

std::vector<QosLimits> read_qos_limits(const CommandPort& run) {
    std::vector<QosLimits> all;
    for (const auto& row :
         ask(run, {"qos"},
             {"Name", "MaxTRES", "MaxTRESPU", "GrpTRES", "MaxWall", "MinTRES", "Flags"})) {
        all.push_back({field(row, "Name"), limits(field(row, "MaxTRES"), field(row, "MaxWall")),
                       limits(field(row, "MaxTRESPU"), ""), limits(field(row, "GrpTRES"), ""),
                       amount(field(row, "MinTRES"), "node"),
                       field(row, "Flags").find("OverPartQOS") != std::string::npos});
    }
    return all;
}

}  // namespace amorsize::slurm
