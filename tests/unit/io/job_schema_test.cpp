#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "advisor/core/error.hpp"
#include "advisor/io/manifest_reader.hpp"
#include "advisor/io/sbatch_options.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;

namespace {

nlohmann::json schema() {
    const auto path =
        std::filesystem::path(AMORSIZE_TEST_DATA).parent_path() / "configs/schema/job.schema.json";
    return nlohmann::json::parse(std::ifstream(path));
}

/// What the reader says to a manifest with this text at its end.
std::string faults_of(const std::string& end) {
    try {
        parse_manifest("amorsize: 1\ncommand: [x]\nitems: {range: [0, 1]}\n" + end, "job.yaml",
                       "/");
        return "";
    } catch (const Error& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("the schema's sbatch options are those the reader takes") {
    const nlohmann::json options = schema().at("properties").at("slurm").at("properties");
    CHECK(options.size() > 40);
    for (const auto& [name, option] : options.items()) {
        INFO(name);
        const bool flag = option.contains("enum");
        CHECK_FALSE(check_sbatch_option(name, flag ? "" : "x"));
        CHECK(check_sbatch_option(name, "x").has_value() == flag);
    }
}

TEST_CASE("the schema and the reader know the same keys") {
    const nlohmann::json properties = schema().at("properties");
    for (const auto& [key, property] : properties.items()) {
        INFO(key);
        CHECK(faults_of(key + ": []\n").find("is not a known key") == std::string::npos);
    }
    for (const char* section : {"resources", "sample", "profile", "limits", "retry"}) {
        const std::string faults = faults_of(std::string(section) + ": {nonsense-key: 1}\n");
        for (const auto& [key, property] : properties.at(section).at("properties").items()) {
            INFO(section << "." << key);
            CHECK(faults_of(std::string(section) + ": {" + key + ": []}\n")
                      .find("is not a known key") == std::string::npos);
            CHECK(faults.find(key) != std::string::npos);
        }
    }
}
