#include "advisor/io/history.hpp"

#include <fmt/format.h>

#include "advisor/core/error.hpp"
#include "advisor/io/run_columns.hpp"

namespace amorsize {

namespace {

constexpr int kApplication = 0x616d6f72;  // "amor": marks the file as ours
constexpr int kSchema = 3;

struct Column {
    const char* name;
    const char* type;
};

// In the order in which insert() and rows_of() go through them.
constexpr Column kColumns[]{{"command", "TEXT"},
                            {"binary", "TEXT"},
                            {"arguments", "TEXT"},
                            {"partition_class", "TEXT"},
                            {"input_bytes", "INTEGER"},
                            {"planned_bytes", "INTEGER"},
                            {"slowdown", "REAL"},
                            {"co_runs", "TEXT"},
                            {"finished_at", "INTEGER"},
                            {"outcome", "TEXT"},
                            {"seconds", "REAL"},
                            {"items", "INTEGER"},
                            {"peak_bytes", "INTEGER"},
                            {"time_limit_seconds", "REAL"},
                            {"predicted_seconds", "REAL"},
                            {"samples", "TEXT"},
                            {"array", "TEXT"}};

enum class With { names, types };

std::string column_list(With with) {
    std::string list;
    for (const Column& column : kColumns) {
        list += fmt::format("{}{}{}{}", list.empty() ? "" : ", ", column.name,
                            with == With::types ? " " : "", with == With::types ? column.type : "");
    }
    return list;
}

/// Of a run that has begun and not ended, the job that accounting knows it by.
constexpr const char* kBegunBy = "begun_by TEXT DEFAULT ''";
constexpr const char* kEnded = "coalesce(begun_by, '') = ''";

void create(const SqliteFile& file) {
    file.execute(fmt::format(
        "CREATE TABLE runs ({}, {}); CREATE INDEX runs_of_a_job ON runs (command, partition_class);"
        "PRAGMA user_version = {}; PRAGMA application_id = {}",
        column_list(With::types), kBegunBy, kSchema, kApplication));
}

/// Makes a new file ours, and refuses one that is another's or newer than this program.
void prepare(const SqliteFile& file) {
    const auto is_ours = [&] { return file.number("PRAGMA application_id") == kApplication; };
    const auto schema = [&] { return file.number("PRAGMA user_version"); };
    if (is_ours() && schema() == kSchema) return;
    SqliteTransaction transaction(file);  // another process may be at it
    if (!is_ours()) {
        if (file.number("SELECT count(*) FROM sqlite_master") > 0)
            file.fail("is a database of another program");
        create(file);
    } else if (schema() == 2) {
        file.execute(
            fmt::format("ALTER TABLE runs ADD COLUMN array TEXT; ALTER TABLE runs ADD COLUMN {};"
                        "PRAGMA user_version = {}",
                        kBegunBy, kSchema));
    } else if (schema() != kSchema) {
        file.fail("was written by another version of amorsize");
    }
    transaction.commit();
}

void insert(const SqliteFile& file, const FinishedRun& run, const std::string& begun_by = {}) {
    std::string marks;
    for (std::size_t i = 0; i < std::size(kColumns); ++i) marks += "?,";
    SqliteStatement statement(file, fmt::format("INSERT INTO runs ({}, begun_by) VALUES ({}?)",
                                                column_list(With::names), marks));
    const JobIdentity& job = run.instance.job;
    for (const std::string* text :
         {&job.command, &job.binary, &job.arguments, &job.partition_class})
        statement.bind(*text);
    statement.bind(run.instance.input);
    statement.bind(run.planned.memory);
    statement.bind(run.planned.slowdown);
    statement.bind(co_runs_text(run.planned.co_runs));
    statement.bind(run.finished_at);
    statement.bind(std::string(name_of(run.outcome)));
    statement.bind(run.seconds.value);
    statement.bind(run.items);
    statement.bind(run.peak);
    statement.bind(run.time_limit);
    statement.bind(run.predicted);
    statement.bind(samples_text(run.samples));
    statement.bind(run.array);
    statement.bind(begun_by);
    statement.step();
}

/// Takes the columns of a row in their order.
class Row {
public:
    explicit Row(const SqliteStatement& statement) : statement_(statement) {}
    std::string text() { return statement_.text(column_++); }
    std::int64_t integer() { return statement_.integer(column_++); }
    double real() { return statement_.real(column_++); }
    std::optional<Bytes> size() { return statement_.size(column_++); }
    std::optional<Seconds> time() { return statement_.time(column_++); }

private:
    const SqliteStatement& statement_;
    int column_ = 0;
};

FinishedRun take_run(Row& row) {
    FinishedRun run;
    JobIdentity& job = run.instance.job;
    for (std::string* text : {&job.command, &job.binary, &job.arguments, &job.partition_class})
        *text = row.text();
    run.instance.input = row.size();
    run.planned.memory = row.size();
    run.planned.slowdown = row.real();
    run.planned.co_runs = co_runs_of(row.text());
    run.finished_at = row.integer();
    run.outcome = outcome_named(row.text());
    run.seconds = {row.real()};
    run.items = row.integer();
    run.peak = row.size();
    run.time_limit = row.time();
    run.predicted = row.time();
    run.samples = samples_of(row.text());
    run.array = row.text();
    return run;
}

std::vector<FinishedRun> runs_of(SqliteStatement& statement) {
    std::vector<FinishedRun> runs;
    while (statement.step()) {
        Row row(statement);
        runs.push_back(take_run(row));
    }
    return runs;
}

void erase(const SqliteFile& file, std::int64_t row) {
    SqliteStatement statement(file, "DELETE FROM runs WHERE rowid = ?");
    statement.bind(row);
    statement.step();
}

/// The run of the elements of an array that have ended so far is another with each that ends.
FinishedRun joined(const SqliteFile& file, const FinishedRun& element) {
    const JobIdentity& job = element.instance.job;
    SqliteStatement statement(
        file, fmt::format("SELECT rowid, {} FROM runs WHERE command = ? AND partition_class = ? "
                          "AND array = ? AND {}",
                          column_list(With::names), kEnded));
    for (const std::string* text : {&job.command, &job.partition_class, &element.array})
        statement.bind(*text);
    if (!statement.step()) return element;
    Row row(statement);
    const std::int64_t known = row.integer();
    FinishedRun whole = with_element(take_run(row), element);
    erase(file, known);
    return whole;
}

void keep(const SqliteFile& file, const FinishedRun& run) {
    insert(file, run.array.empty() ? run : joined(file, run));
}

}  // namespace

History::History(const std::string& path) : file_(path) {
    prepare(file_);
}

void History::record(const FinishedRun& run) {
    record(std::vector<FinishedRun>{run});
}

void History::record(const std::vector<FinishedRun>& runs) {
    SqliteTransaction transaction(file_);
    for (const FinishedRun& run : runs) keep(file_, run);
    transaction.commit();
}

BegunRun History::begin(const std::string& slurm_job, const FinishedRun& planned) {
    SqliteTransaction transaction(file_);
    insert(file_, planned, slurm_job);
    const std::int64_t row = file_.last_row();
    transaction.commit();
    return {row, slurm_job, planned};
}

void History::end(const BegunRun& begun, const std::optional<FinishedRun>& run) {
    SqliteTransaction transaction(file_);
    // The history may have been cleared meanwhile, and the row be another's.
    SqliteStatement statement(file_, "DELETE FROM runs WHERE rowid = ? AND begun_by = ?");
    statement.bind(begun.row);
    statement.bind(begun.slurm_job);
    statement.step();
    if (run) keep(file_, *run);
    transaction.commit();
}

std::vector<FinishedRun> History::find(const std::string& command,
                                       const std::string& partition_class, int at_most) const {
    SqliteStatement statement(
        file_, fmt::format("SELECT {} FROM (SELECT rowid AS at, * FROM runs WHERE command = ? AND "
                           "partition_class = ? AND {} ORDER BY at DESC LIMIT ?) ORDER BY at",
                           column_list(With::names), kEnded));
    statement.bind(command);
    statement.bind(partition_class);
    statement.bind(static_cast<std::int64_t>(at_most));
    return runs_of(statement);
}

std::vector<BegunRun> History::begun(const std::string& command,
                                     const std::string& partition_class) const {
    SqliteStatement statement(
        file_, fmt::format("SELECT rowid, begun_by, {} FROM runs WHERE command = ? AND "
                           "partition_class = ? AND NOT {} ORDER BY rowid",
                           column_list(With::names), kEnded));
    statement.bind(command);
    statement.bind(partition_class);
    std::vector<BegunRun> runs;
    while (statement.step()) {
        Row row(statement);
        BegunRun begun;
        begun.row = row.integer();
        begun.slurm_job = row.text();
        begun.so_far = take_run(row);
        runs.push_back(std::move(begun));
    }
    return runs;
}

std::vector<FinishedRun> History::all() const {
    SqliteStatement statement(file_, fmt::format("SELECT {} FROM runs WHERE {} ORDER BY rowid",
                                                 column_list(With::names), kEnded));
    return runs_of(statement);
}

std::int64_t History::count_begun() const {
    return file_.number(fmt::format("SELECT count(*) FROM runs WHERE NOT {}", kEnded));
}

std::int64_t History::clear() {
    SqliteTransaction transaction(file_);
    const std::int64_t runs =
        file_.number(fmt::format("SELECT count(*) FROM runs WHERE {}", kEnded));
    file_.execute("DELETE FROM runs");
    transaction.commit();
    return runs;
}

}  // namespace amorsize
