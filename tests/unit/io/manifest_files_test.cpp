#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "advisor/core/error.hpp"
#include "advisor/io/manifest_reader.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
namespace fs = std::filesystem;

namespace {

const fs::path kFolder = fs::path(AMORSIZE_TEST_DATA) / "manifests";

std::string contents_of(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

std::vector<fs::path> manifests_in(const std::string& folder) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(kFolder / folder)) {
        if (entry.path().extension() == ".yaml") found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

/// What the reader says about a text; empty if it takes it.
std::string faults_of(const std::string& text, const std::string& name) {
    try {
        parse_manifest(text, name, "/jobs");
        return "";
    } catch (const Error& error) {
        CHECK(error.code == ExitCode::bad_input);
        return error.what();
    }
}

}  // namespace

TEST_CASE("every valid manifest is taken") {
    const auto files = manifests_in("valid");
    CHECK(files.size() >= 10);
    for (const fs::path& file : files) {
        INFO(file);
        CHECK(faults_of(contents_of(file), file.filename().string()) == "");
    }
}

TEST_CASE("every invalid manifest is refused with its expected message, byte for byte") {
    const auto files = manifests_in("invalid");
    CHECK(files.size() >= 40);
    for (const fs::path& file : files) {
        INFO(file);
        fs::path expected = file;
        expected.replace_extension(".expected");
        CHECK(faults_of(contents_of(file), file.filename().string()) + "\n" ==
              contents_of(expected));
    }
}

TEST_CASE("every fault of an invalid manifest comes with a hint") {
    for (const fs::path& file : manifests_in("invalid")) {
        INFO(file);
        std::istringstream lines(faults_of(contents_of(file), file.filename().string()));
        std::string line;
        int errors = 0;
        int hints = 0;
        while (std::getline(lines, line)) {
            errors += line.find(": error: ") != std::string::npos ? 1 : 0;
            hints += line.rfind("  hint: ", 0) == 0 ? 1 : 0;
        }
        CHECK(errors > 0);
        CHECK(errors == hints);
    }
}

TEST_CASE("a manifest cut anywhere is taken or refused, and never anything else") {
    const std::string whole = contents_of(kFolder / "valid" / "everything.yaml");
    for (std::size_t length = 0; length < whole.size(); length += 3) {
        CHECK_NOTHROW(faults_of(whole.substr(0, length), "job.yaml"));
    }
}
