#include "advisor/io/samples_reader.hpp"

#include "advisor/core/error.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;

namespace {

std::string faults_of(const std::string& text) {
    try {
        parse_samples(text, "s.csv");
        return "";
    } catch (const Error& error) {
        CHECK(error.code == ExitCode::bad_input);
        return error.what();
    }
}

bool says(const std::string& text, const std::string& wanted) {
    INFO(faults_of(text));
    return faults_of(text).find(wanted) != std::string::npos;
}

}  // namespace

TEST_CASE("columns come in any order and unknown ones are ignored") {
    const auto samples = parse_samples(
        "item,host,peak_rss_bytes,seconds,user_seconds,system_seconds,input_bytes,output_bytes,"
        "concurrency,exit_code\n"
        "a,n1,1048576,0.5,0.4,0.1,10,20,4,0\n"
        "b,n1,,1e-3,,,,,,1\n",
        "s.csv");
    REQUIRE(samples.size() == 2);
    CHECK(samples[0].seconds == Seconds{0.5});
    CHECK(samples[0].peak_rss == kMiB);
    CHECK(samples[0].user == Seconds{0.4});
    CHECK(samples[0].system == Seconds{0.1});
    CHECK(samples[0].input == Bytes{10});
    CHECK(samples[0].output == Bytes{20});
    CHECK(samples[0].concurrency == 4);
    CHECK(samples[0].item == "a");
    CHECK(samples[0].exit_code == 0);
    CHECK(samples[1].seconds == Seconds{0.001});
    CHECK_FALSE(samples[1].peak_rss);
    CHECK_FALSE(samples[1].user);
    CHECK(samples[1].concurrency == 1);
    CHECK(samples[1].exit_code == 1);
}

TEST_CASE("quotes, carriage returns, a byte order mark, blank lines and spaces are understood") {
    const auto samples = parse_samples(
        "\xEF\xBB\xBFseconds, item\r\n\r\n0.5,\"a,\"\"b\"\"\r\nc\"\r\n 0.25 , plain \r\n0.125,\"\"",
        "s.csv");
    REQUIRE(samples.size() == 3);
    CHECK(samples[0].item == "a,\"b\"\r\nc");
    CHECK(samples[1].seconds == Seconds{0.25});
    CHECK(samples[1].item == "plain");
    CHECK_FALSE(samples[2].item);
}

TEST_CASE("a tool's whole numbers written as decimals are taken") {
    CHECK(parse_samples("seconds,peak_rss_bytes\n1,524288000.0\n", "s.csv")[0].peak_rss ==
          Bytes{500 * kMiB.value});
}

TEST_CASE("faults of samples name line, column and column name") {
    CHECK(faults_of("seconds,peak_rss_bytes\n0.5,1\nfast,-2\n") ==
          "s.csv:3:1: error: seconds: \"fast\" is not a number\n  fast,-2\n  ^\n"
          "  hint: write a decimal number, as 0.3\n\n"
          "s.csv:3:6: error: peak_rss_bytes: \"-2\" is negative\n  fast,-2\n       ^\n"
          "  hint: figures are 0 or more; leave the cell empty if there is none");
}

TEST_CASE("samples that cannot be meant are refused") {
    CHECK(says("", "the samples file is empty"));
    CHECK(says("\n\n", "the samples file is empty"));
    CHECK(says("seconds\n", "there is no sample below the column names"));
    CHECK(says("item,peak_rss_bytes\na,1\n", "seconds: is missing among the columns"));
    CHECK(says("Seconds\n1\n", "did you mean seconds by \"Seconds\"?"));
    CHECK(says("0.5\n0.6\n", "the first line must name the columns"));
    CHECK(says("seconds;item\n1;a\n", "separate columns by commas"));
    CHECK(says("seconds,seconds\n1,2\n", "is a column twice"));
    CHECK(says("seconds\n-1\n", "is negative"));
    CHECK(says("seconds\nnan\n", "is not a number"));
    CHECK(says("seconds\ninf\n", "is not a number"));
    CHECK(says("seconds\n1e999\n", "is too large or too small a number"));
    CHECK(says("seconds,item\n,a\n", "s.csv:2:1: error: seconds: is empty"));
    CHECK(says("seconds,item\n1\n", "has 1 fields, but the header names 2 columns"));
    CHECK(says("seconds,item\n1,a,b\n", "has 3 fields, but the header names 2 columns"));
    CHECK(says("seconds,item\n1,\"a\n", "a quote that is never closed"));
    CHECK(says("seconds,item\n1,\"a\"b\n", "text after a closing quote"));
    CHECK(says("seconds,concurrency\n1,0\n", "is 0, but must be between 1"));
    CHECK(says("seconds,exit_code\n1,1.5\n", "is not a whole number"));
    CHECK(says("seconds,peak_rss_bytes\n1,500MiB\n", "is not a number"));
}

TEST_CASE("a directory is no samples file") {
    CHECK_THROWS_AS(read_samples("/tmp"), Error);
}
