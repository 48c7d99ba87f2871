#include "advisor/core/text.hpp"

#include "tests/support/catch.hpp"

using namespace amorsize;

TEST_CASE("a share next to all is not called all") {
    CHECK(to_text(Fraction{0.9995}) == "99.95 %");
    CHECK(to_text(Fraction{0.99999}) == "99.999 %");
    CHECK(to_text(Fraction{0.999}) == "99.9 %");
    CHECK(to_text(Fraction{0.943}) == "94.3 %");
    CHECK(to_text(Fraction{1}) == "100 %");
    CHECK(to_text(Fraction{1 - 1e-12}) == "100 %");
    CHECK(to_text(Fraction{1.5}) == "150 %");
    CHECK(to_text(Fraction{0.0034}) == "0.34 %");
}

TEST_CASE("control characters are blanks") {
    CHECK(printable("a\nb\x1b[31m\x7f\xc3\xa9") == "a b [31m \xc3\xa9");
}
