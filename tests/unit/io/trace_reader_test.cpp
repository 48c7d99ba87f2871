#include "advisor/io/trace_reader.hpp"

#include "advisor/core/error.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;

namespace {

std::string fault_of(const std::string& text) {
    try {
        parse_trace(text, "t.csv");
    } catch (const Error& error) {
        CHECK(error.code == ExitCode::bad_input);
        return error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("columns come in any order, empty cells are unknown") {
    const auto trace = parse_trace(
        "seconds,extra,group,peak_rss_bytes,requested_bytes,input_bytes\r\n"
        "1.5,x,\"a,b\",1e9,,\r\n"
        "\r\n"
        "0,y,c,5,7,9\r\n",
        "t.csv");
    REQUIRE(trace.size() == 2);
    CHECK(trace[0].group == "a,b");
    CHECK(trace[0].peak == Bytes{1000000000});
    CHECK(trace[0].seconds == Seconds{1.5});
    CHECK_FALSE(trace[0].input);
    CHECK_FALSE(trace[0].requested);
    CHECK(trace[1].row == 2);
    CHECK(trace[1].input == Bytes{9});
    CHECK(trace[1].requested == Bytes{7});
}

TEST_CASE("every bad row is named with its line") {
    CHECK(fault_of("group,peak_rss_bytes,seconds\na,1,2\nb,x,2\nc,1\nd,-4,nan\ne,,1\n") ==
          "t.csv:3: error: peak_rss_bytes: \"x\" is not a number\n"
          "t.csv:4: error: 2 columns, the header has 3\n"
          "t.csv:5: error: peak_rss_bytes: -4 is negative\n"
          "t.csv:5: error: seconds: \"nan\" is not a number\n"
          "t.csv:6: error: peak_rss_bytes: missing");
}

TEST_CASE("overflowing sizes are refused") {
    CHECK(fault_of("group,peak_rss_bytes,seconds\na,1e30,2\n") ==
          "t.csv:2: error: peak_rss_bytes: 1e30 is too large");
}

TEST_CASE("an unknown header is refused") {
    CHECK(fault_of("a,b\n1,2\n") == "t.csv:1: error: not the header of a trace that is known here");
    CHECK(fault_of("") == "t.csv:1: error: not the header of a trace that is known here");
}

TEST_CASE("Nextflow's trace is read raw and as it prints") {
    const auto trace = parse_trace(
        "task_id\tname\tstatus\trealtime\tpeak_rss\trchar\tmemory\n"
        "1\tRNASEQ:ALIGN (s1)\tCOMPLETED\t1h 2m 3s\t1.5 GB\t2 MB\t6 GB\n"
        "2\tRNASEQ:ALIGN (s2)\tFAILED\t1s\t1.5 GB\t2 MB\t6 GB\n"
        "3\tRNASEQ:ALIGN (s3)\tCACHED\t250ms\t1024 KB\t-\t-\n"
        "4\tRNASEQ:ALIGN (s4)\tCOMPLETED\t-\t-\t-\t6 GB\n"
        "5\tRNASEQ:QC\tCOMPLETED\t1500\t4096\t10\t0\n",
        "trace.txt");
    REQUIRE(trace.size() == 3);
    CHECK(trace[0].group == "RNASEQ:ALIGN");
    CHECK(trace[0].seconds == Seconds{3723});
    CHECK(trace[0].peak == Bytes{3 * kGiB.value / 2});
    CHECK(trace[0].input == 2 * kMiB);
    CHECK(trace[0].requested == 6 * kGiB);
    CHECK(trace[1].row == 3);
    CHECK(trace[1].seconds.value == Approx(0.25));
    CHECK(trace[1].peak == kMiB);
    CHECK_FALSE(trace[1].requested);
    CHECK(trace[2].seconds.value == Approx(1.5));
    CHECK(trace[2].peak == Bytes{4096});
}
