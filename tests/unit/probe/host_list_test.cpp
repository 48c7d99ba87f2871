#include "advisor/core/host_list.hpp"

#include <vector>

#include "tests/support/catch.hpp"

using amorsize::HostList;

namespace {

HostList list_of(const std::vector<std::string>& hosts) {
    HostList list;
    for (const std::string& host : hosts) list.add(host);
    return list;
}

}  // namespace

TEST_CASE("names are written as Slurm writes them") {
    CHECK(list_of({}).text().empty());
    CHECK(list_of({"n3", "n1", "n2", "n7"}).text() == "n[1-3,7]");
    CHECK(list_of({"n1"}).text() == "n1");
    CHECK(list_of({"login", "n1", "n2"}).text() == "login,n[1-2]");
    CHECK(list_of({"n08", "n09", "n10", "n11"}).text() == "n[08-11]");
    CHECK(list_of({"n8", "n9", "n10", "n11"}).text() == "n[8-11]");
    CHECK(list_of({"n1", "n01", "n001"}).text() == "n[1,01,001]");
    CHECK(list_of({"n99", "n100"}).text() == "n[99-100]");
    CHECK(list_of({"n099", "n100"}).text() == "n[099-100]");
    CHECK(list_of({"r1n1", "r1n2", "r2n1"}).text() == "r1n[1-2],r2n1");
    CHECK(list_of({"n1.site", "n2.site"}).text() == "n[1-2].site");
}

TEST_CASE("a name stands once however often it is added") {
    const HostList list = list_of({"n1", "n1", "n2"});
    CHECK(list.size() == 2);
    CHECK(list.text() == "n[1-2]");
}

TEST_CASE("what is written reads back") {
    for (const char* text :
         {"", "n1", "n[1-3,7]", "login,n[1-2]", "n[08-11]", "n[8-11]", "n[8-1200]", "n[1,01,001]",
          "r1n[1-2],r2n1", "n[1-2].site", "[0-4]", "a[1-2,5],b[01-10],c"}) {
        const auto list = HostList::parse(text);
        REQUIRE(list);
        CHECK(list->text() == text);
    }
    CHECK(HostList::parse("n[8-1200]")->size() == 1193);
}

TEST_CASE("text that is no list of names is refused") {
    for (const char* text : {"n[", "n]", "n[1-", "n[3-1]", "n[a]", "n[1-2", "n[]", ",", "n1,,n2",
                             "n[1][2]", "n[10-9]", "n[1-99999999999999999999]"}) {
        CHECK_FALSE(HostList::parse(text));
    }
}

TEST_CASE("a difference of lists names what is missing") {
    const HostList all = *HostList::parse("n[1-20],login");
    CHECK(all.without(*HostList::parse("n[1-3,5-6,8-20]")).text() == "login,n[4,7]");
    CHECK(all.without(all).empty());
    CHECK(all.without({}) == all);
    CHECK(HostList{}.without(all).empty());
    CHECK(all.contains("n20"));
    CHECK_FALSE(all.contains("n21"));
    CHECK_FALSE(all.contains("n020"));
}

TEST_CASE("space does not grow with the nodes") {
    HostList list;
    for (int i = 1; i <= 10000; ++i) list.add("n" + std::to_string(i));
    CHECK(list.text() == "n[1-10000]");
    CHECK(list.size() == 10000);
}
