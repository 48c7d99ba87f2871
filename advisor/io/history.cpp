#include "advisor/io/history.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>

#include "advisor/core/error.hpp"
#include "advisor/io/run_columns.hpp"

namespace amorsize {

namespace {

constexpr int kApplication = 0x616d6f72;  // "amor": marks the file as ours
constexpr int kSchema = 2;
constexpr int kBusyMilliseconds = 5000;

struct Column {
    const char* name;
    const char* type;
};

// In the order in which insert() and rows_of() go through them.
constexpr Column kColumns[]{{"command", "TEXT"},           {"binary", "TEXT"},
                            {"arguments", "TEXT"},         {"partition_class", "TEXT"},
                            {"input_bytes", "INTEGER"},    {"planned_bytes", "INTEGER"},
                            {"slowdown", "REAL"},          {"co_runs", "TEXT"},
                            {"finished_at", "INTEGER"},    {"outcome", "TEXT"},
                            {"seconds", "REAL"},           {"items", "INTEGER"},
                            {"peak_bytes", "INTEGER"},     {"time_limit_seconds", "REAL"},
                            {"predicted_seconds", "REAL"}, {"samples", "TEXT"}};

enum class With { names, types };

std::string column_list(With with) {
    std::string list;
    for (const Column& column : kColumns) {
        list += fmt::format("{}{}{}{}", list.empty() ? "" : ", ", column.name,
                            with == With::types ? " " : "", with == With::types ? column.type : "");
    }
    return list;
}

[[noreturn]] void fail(const std::string& path, const std::string& what) {
    throw Error(ExitCode::environment, fmt::format("history {}: {}", path, what),
                "move the file away to start a new history; advice does not depend on it");
}

/// A prepared statement and its values.
class Statement {
public:
    Statement(sqlite3* database, const std::string& path, const std::string& sql)
        : database_(database), path_(path) {
        check(sqlite3_prepare_v2(database, sql.c_str(), -1, &statement_, nullptr));
    }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement() { sqlite3_finalize(statement_); }

    void bind(const std::string& text) {
        check(sqlite3_bind_text(statement_, ++bound_, text.data(), static_cast<int>(text.size()),
                                SQLITE_TRANSIENT));
    }
    void bind(std::int64_t number) { check(sqlite3_bind_int64(statement_, ++bound_, number)); }
    void bind(double number) { check(sqlite3_bind_double(statement_, ++bound_, number)); }
    template <class Unit, class Rep>
    void bind(const std::optional<Quantity<Unit, Rep>>& quantity) {
        if (quantity) return bind(quantity->value);
        check(sqlite3_bind_null(statement_, ++bound_));
    }
    /// True while there is a row.
    bool step() {
        const int result = sqlite3_step(statement_);
        if (result == SQLITE_ROW) return true;
        check(result == SQLITE_DONE ? SQLITE_OK : result);
        return false;
    }
    std::string text(int column) const {
        const auto* bytes = sqlite3_column_blob(statement_, column);
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
        return bytes ? std::string(static_cast<const char*>(bytes), size) : std::string();
    }
    std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
    double real(int column) const { return sqlite3_column_double(statement_, column); }
    bool is_null(int column) const {
        return sqlite3_column_type(statement_, column) == SQLITE_NULL;
    }
    std::optional<Bytes> size(int column) const {
        return is_null(column) ? std::nullopt : std::optional(Bytes{integer(column)});
    }
    std::optional<Seconds> time(int column) const {
        return is_null(column) ? std::nullopt : std::optional(Seconds{real(column)});
    }

private:
    void check(int result) const {
        if (result != SQLITE_OK) fail(path_, sqlite3_errmsg(database_));
    }

    sqlite3* database_;
    const std::string& path_;
    sqlite3_stmt* statement_ = nullptr;
    int bound_ = 0;
};

void execute(sqlite3* database, const std::string& path, const std::string& sql) {
    if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        fail(path, sqlite3_errmsg(database));
    }
}

std::int64_t number_from(sqlite3* database, const std::string& path, const std::string& sql) {
    Statement statement(database, path, sql);
    return statement.step() ? statement.integer(0) : 0;
}

/// Rolled back unless committed.
class Transaction {
public:
    Transaction(sqlite3* database, const std::string& path) : database_(database), path_(path) {
        execute(database_, path_, "BEGIN IMMEDIATE");
    }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction() {
        if (!committed_) sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
    }
    void commit() {
        execute(database_, path_, "COMMIT");
        committed_ = true;
    }

private:
    sqlite3* database_;
    const std::string& path_;
    bool committed_ = false;
};

/// Makes a new file ours, and refuses one that is another's or newer than this program.
void prepare(sqlite3* database, const std::string& path) {
    const auto pragma = [&](const char* name) {
        return number_from(database, path, fmt::format("PRAGMA {}", name));
    };
    if (pragma("application_id") != kApplication) {
        Transaction transaction(database, path);
        const bool ours_meanwhile = pragma("application_id") == kApplication;
        if (!ours_meanwhile) {
            if (number_from(database, path, "SELECT count(*) FROM sqlite_master") > 0) {
                fail(path, "is a database of another program");
            }
            execute(database, path,
                    fmt::format("CREATE TABLE runs ({});"
                                "CREATE INDEX runs_of_a_job ON runs (command, partition_class);",
                                column_list(With::types)));
            execute(database, path, fmt::format("PRAGMA user_version = {}", kSchema));
            execute(database, path, fmt::format("PRAGMA application_id = {}", kApplication));
        }
        transaction.commit();
    }
    if (pragma("user_version") != kSchema) fail(path, "was written by another version of amorsize");
}

void insert(sqlite3* database, const std::string& path, const FinishedRun& run) {
    std::string marks;
    for (std::size_t i = 0; i < std::size(kColumns); ++i) marks += i == 0 ? "?" : ",?";
    Statement statement(
        database, path,
        fmt::format("INSERT INTO runs ({}) VALUES ({})", column_list(With::names), marks));
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
    statement.step();
}

/// Takes the columns of a row in their order.
class Row {
public:
    explicit Row(const Statement& statement) : statement_(statement) {}
    std::string text() { return statement_.text(column_++); }
    std::int64_t integer() { return statement_.integer(column_++); }
    double real() { return statement_.real(column_++); }
    std::optional<Bytes> size() { return statement_.size(column_++); }
    std::optional<Seconds> time() { return statement_.time(column_++); }

private:
    const Statement& statement_;
    int column_ = 0;
};

std::vector<FinishedRun> rows_of(Statement& statement) {
    std::vector<FinishedRun> runs;
    while (statement.step()) {
        Row row(statement);
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
        runs.push_back(std::move(run));
    }
    return runs;
}

}  // namespace

std::string content_hash(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return {};
    std::uint64_t hash = 14695981039346656037ull;
    std::array<char, 65536> buffer;
    while (file.read(buffer.data(), buffer.size()) || file.gcount() > 0) {
        for (std::streamsize i = 0; i < file.gcount(); ++i) {
            hash ^= static_cast<unsigned char>(buffer[static_cast<std::size_t>(i)]);
            hash *= 1099511628211ull;
        }
    }
    return file.bad() ? std::string() : fmt::format("{:016x}", hash);
}

std::string history_path(const Variables& variable) {
    if (const auto file = variable("AMORSIZE_HISTORY")) return *file;
    const auto absolute = [](const std::optional<std::string>& path) {
        return path && path->starts_with('/');
    };
    const auto state = variable("XDG_STATE_HOME");
    if (absolute(state)) return *state + "/amorsize/history.sqlite";
    const auto home = variable("HOME");
    return absolute(home) ? *home + "/.local/state/amorsize/history.sqlite" : std::string();
}

std::string used_before_path(const Variables& variable) {
    const std::filesystem::path history = history_path(variable);
    return history.empty() ? "" : (history.parent_path() / "jobs.tsv").string();
}

std::string history_in_use(const Manifest& manifest, const Variables& variable) {
    const bool tells = manifest.kind == JobKind::tasks && manifest.mode != Mode::program;
    const bool off = !manifest.history || variable("AMORSIZE_DISABLE") == "1";
    return tells && !off ? history_path(variable) : std::string();
}

void History::Close::operator()(sqlite3* database) const {
    sqlite3_close(database);
}

History::History(const std::string& path) : path_(path) {
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    std::error_code error;
    if (!folder.empty()) std::filesystem::create_directories(folder, error);
    if (error) fail(path_, "its folder cannot be made: " + error.message());

    const std::filesystem::file_status status = std::filesystem::status(path, error);
    const bool is_new = status.type() == std::filesystem::file_type::not_found;
    // SQLite would put a journal beside a device, and wait for whoever opens a pipe.
    if (!is_new && !std::filesystem::is_regular_file(status)) {
        throw Error(ExitCode::environment, fmt::format("history {}: is no regular file", path_),
                    "name a file, or a path where there is none yet");
    }
    sqlite3* database = nullptr;
    const int opened = sqlite3_open_v2(
        path.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX,
        nullptr);
    database_.reset(database);
    if (opened != SQLITE_OK) fail(path_, database ? sqlite3_errmsg(database) : "out of memory");
    if (is_new) ::chmod(path.c_str(), S_IRUSR | S_IWUSR);
    sqlite3_busy_timeout(database, kBusyMilliseconds);
    prepare(database, path_);
}

void History::record(const FinishedRun& run) {
    record(std::vector<FinishedRun>{run});
}

void History::record(const std::vector<FinishedRun>& runs) {
    Transaction transaction(database_.get(), path_);
    for (const FinishedRun& run : runs) insert(database_.get(), path_, run);
    transaction.commit();
}

std::vector<FinishedRun> History::find(const std::string& command,
                                       const std::string& partition_class, int at_most) const {
    Statement statement(
        database_.get(), path_,
        fmt::format("SELECT {} FROM (SELECT rowid AS at, * FROM runs WHERE command = ? AND "
                    "partition_class = ? ORDER BY at DESC LIMIT ?) ORDER BY at",
                    column_list(With::names)));
    statement.bind(command);
    statement.bind(partition_class);
    statement.bind(static_cast<std::int64_t>(at_most));
    return rows_of(statement);
}

std::vector<FinishedRun> History::all() const {
    Statement statement(
        database_.get(), path_,
        fmt::format("SELECT {} FROM runs ORDER BY rowid", column_list(With::names)));
    return rows_of(statement);
}

std::int64_t History::clear() {
    Transaction transaction(database_.get(), path_);
    const std::int64_t runs = number_from(database_.get(), path_, "SELECT count(*) FROM runs");
    execute(database_.get(), path_, "DELETE FROM runs");
    transaction.commit();
    return runs;
}

}  // namespace amorsize
