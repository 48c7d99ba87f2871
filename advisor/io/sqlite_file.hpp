#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "advisor/core/units.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace amorsize {

/// An open SQLite file of the history. What fails is an Error (environment) that names the file.
class SqliteFile {
public:
    /// Opens it for reading and writing, made if there is none with rights for its owner alone.
    /// Waits up to 5 s for other writers, here and later.
    explicit SqliteFile(const std::string& path);

    void execute(const std::string& sql) const;
    /// The first column of the first row; 0 if there is no row.
    std::int64_t number(const std::string& sql) const;
    std::int64_t last_row() const;  ///< rowid of the last insertion
    [[noreturn]] void fail(const std::string& what) const;

private:
    friend class SqliteStatement;
    friend class SqliteTransaction;
    struct Close {
        void operator()(sqlite3* database) const;
    };
    std::string path_;
    std::unique_ptr<sqlite3, Close> database_;
};

/// A prepared statement and its values. Values are bound in the order of their marks, columns count
/// from 0.
class SqliteStatement {
public:
    SqliteStatement(const SqliteFile& file, const std::string& sql);
    SqliteStatement(const SqliteStatement&) = delete;
    SqliteStatement& operator=(const SqliteStatement&) = delete;
    ~SqliteStatement();

    void bind(const std::string& text);
    void bind(std::int64_t number);
    void bind(double number);
    template <class Unit, class Rep>
    void bind(const std::optional<Quantity<Unit, Rep>>& quantity) {
        if (quantity) return bind(quantity->value);
        bind_null();
    }
    /// True while there is a row.
    bool step();
    std::string text(int column) const;
    std::int64_t integer(int column) const;
    double real(int column) const;
    std::optional<Bytes> size(int column) const;
    std::optional<Seconds> time(int column) const;

private:
    void bind_null();
    bool is_null(int column) const;
    void check(int result) const;

    const SqliteFile& file_;
    sqlite3_stmt* statement_ = nullptr;
    int bound_ = 0;
};

/// One writer at a time; rolled back unless committed.
class SqliteTransaction {
public:
    explicit SqliteTransaction(const SqliteFile& file);
    SqliteTransaction(const SqliteTransaction&) = delete;
    SqliteTransaction& operator=(const SqliteTransaction&) = delete;
    ~SqliteTransaction();
    void commit();

private:
    const SqliteFile& file_;
    bool committed_ = false;
};

}  // namespace amorsize
