#include "advisor/io/sqlite_file.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>

#include "advisor/core/error.hpp"

namespace amorsize {

namespace {

constexpr int kBusyMilliseconds = 5000;

}  // namespace

void SqliteFile::Close::operator()(sqlite3* database) const {
    sqlite3_close(database);
}

SqliteFile::SqliteFile(const std::string& path) : path_(path) {
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    std::error_code error;
    if (!folder.empty()) std::filesystem::create_directories(folder, error);
    if (error) fail("its folder cannot be made: " + error.message());

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
    if (opened != SQLITE_OK) fail(database ? sqlite3_errmsg(database) : "out of memory");
    if (is_new) ::chmod(path.c_str(), S_IRUSR | S_IWUSR);
    sqlite3_busy_timeout(database, kBusyMilliseconds);
}

void SqliteFile::execute(const std::string& sql) const {
    if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        fail(sqlite3_errmsg(database_.get()));
}

std::int64_t SqliteFile::number(const std::string& sql) const {
    SqliteStatement statement(*this, sql);
    return statement.step() ? statement.integer(0) : 0;
}

std::int64_t SqliteFile::last_row() const {
    return sqlite3_last_insert_rowid(database_.get());
}

void SqliteFile::fail(const std::string& what) const {
    throw Error(ExitCode::environment, fmt::format("history {}: {}", path_, what),
                "move the file away to start a new history; advice does not depend on it");
}

SqliteStatement::SqliteStatement(const SqliteFile& file, const std::string& sql) : file_(file) {
    check(sqlite3_prepare_v2(file_.database_.get(), sql.c_str(), -1, &statement_, nullptr));
}

SqliteStatement::~SqliteStatement() {
    sqlite3_finalize(statement_);
}

void SqliteStatement::bind(const std::string& text) {
    check(sqlite3_bind_text(statement_, ++bound_, text.data(), static_cast<int>(text.size()),
                            SQLITE_TRANSIENT));
}

void SqliteStatement::bind(std::int64_t number) {
    check(sqlite3_bind_int64(statement_, ++bound_, number));
}

void SqliteStatement::bind(double number) {
    check(sqlite3_bind_double(statement_, ++bound_, number));
}

void SqliteStatement::bind_null() {
    check(sqlite3_bind_null(statement_, ++bound_));
}

bool SqliteStatement::step() {
    const int result = sqlite3_step(statement_);
    if (result == SQLITE_ROW) return true;
    check(result == SQLITE_DONE ? SQLITE_OK : result);
    return false;
}

std::string SqliteStatement::text(int column) const {
    const auto* bytes = sqlite3_column_blob(statement_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return bytes ? std::string(static_cast<const char*>(bytes), size) : std::string();
}

std::int64_t SqliteStatement::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

double SqliteStatement::real(int column) const {
    return sqlite3_column_double(statement_, column);
}

std::optional<Bytes> SqliteStatement::size(int column) const {
    return is_null(column) ? std::nullopt : std::optional(Bytes{integer(column)});
}

std::optional<Seconds> SqliteStatement::time(int column) const {
    return is_null(column) ? std::nullopt : std::optional(Seconds{real(column)});
}

bool SqliteStatement::is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

void SqliteStatement::check(int result) const {
    if (result != SQLITE_OK) file_.fail(sqlite3_errmsg(file_.database_.get()));
}

SqliteTransaction::SqliteTransaction(const SqliteFile& file) : file_(file) {
    file_.execute("BEGIN IMMEDIATE");
}

SqliteTransaction::~SqliteTransaction() {
    if (!committed_) sqlite3_exec(file_.database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void SqliteTransaction::commit() {
    file_.execute("COMMIT");
    committed_ = true;
}

}  // namespace amorsize
