#include "advisor/cli/page/advice_page.hpp"
#include "advisor/cli/page/markup.hpp"
#include "advisor/cli/page/pictures.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::cli;
using page::escaped;

namespace {

const std::string kReplaced = "\xEF\xBF\xBD";

}  // namespace

TEST_CASE("Markup in a text stays text") {
    CHECK(escaped("<script>alert('a & \"b\"')</script>") ==
          "&lt;script&gt;alert(&#39;a &amp; &quot;b&quot;&#39;)&lt;/script&gt;");
    CHECK(escaped("--comment=]]>") == "--comment=]]&gt;");
    CHECK(escaped("plain, \xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80\n\t") ==
          "plain, \xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80\n\t");
}

TEST_CASE("What is no character, or hides others, is replaced") {
    CHECK(escaped(std::string_view("a\0b", 3)) == "a" + kReplaced + "b");
    CHECK(escaped("\x1B[31m") == kReplaced + "[31m");
    const std::string from_right_to_left = {'\xE2', '\x80', '\xAE'};
    CHECK(escaped(from_right_to_left + "gnp.exe") == kReplaced + "gnp.exe");
    CHECK(escaped("\xC0\xBC") == kReplaced + kReplaced);                  // an overlong <
    CHECK(escaped("\xED\xA0\x80") == kReplaced + kReplaced + kReplaced);  // a surrogate
    CHECK(escaped("\xEF\xBF\xBF") == kReplaced);
    CHECK(escaped("cut \xE2\x82") == "cut " + kReplaced + kReplaced);
}

TEST_CASE("A hostile manifest cannot leave its place on the page") {
    const std::string evil = "</title></style></pre><script>x</script>\"'><svg onload=x>&amp;";
    Manifest manifest;
    manifest.name = evil;
    manifest.command.argv = {evil};
    JobProfile profile;
    Sample sample;
    sample.seconds = Seconds{1};
    sample.item = evil;
    profile.samples.assign(2, sample);
    Advice advice;
    advice.reasons.push_back(reason::NoSuchPartition{evil, {evil}});
    advice.warnings.push_back(reason::NotMeasured{evil, evil});
    advice.basis.push_back({evil, evil, Source::given, evil});
    const std::string page =
        page::advice_page({manifest, 3, profile, advice, Outlook{}, {evil}, evil});
    CHECK(page.find("<script") == std::string::npos);
    CHECK(page.find("<svg onload") == std::string::npos);
    CHECK(page.find("&amp;amp;") != std::string::npos);
    CHECK(page.find("&lt;script&gt;x&lt;/script&gt;") != std::string::npos);
    CHECK(page::is_advice_page(page.substr(0, 2000)));
    CHECK_FALSE(page::is_advice_page("amorsize: 1\nname: job\n"));
}

TEST_CASE("No picture is drawn of what is not known") {
    CHECK(page::samples_picture({}).empty());
    CHECK(page::memory_picture({}, {}, {}).empty());
    CHECK(page::node_picture({}, {}).empty());
    CHECK(page::speedup_picture({CurvePoint{}}, Plan{}, false).empty());
}

TEST_CASE("Samples side by side are told apart, and one time alone has a scale") {
    JobProfile profile;
    profile.samples.resize(3);
    for (Sample& sample : profile.samples) sample.seconds = Seconds{2};
    profile.samples.back().concurrency = 4;
    const std::string picture = page::samples_picture(profile);
    CHECK(picture.find("2 alone, 1 side by side") != std::string::npos);
    CHECK(picture.find("sample beside") != std::string::npos);
    CHECK(picture.find("nan") == std::string::npos);
}

TEST_CASE("Many samples are bars, and the page does not grow with them") {
    JobProfile profile;
    profile.samples.resize(400);
    for (std::size_t i = 0; i < profile.samples.size(); ++i)
        profile.samples[i].seconds = Seconds{1 + static_cast<double>(i % 100)};
    const std::string some = page::samples_picture(profile);
    CHECK(some.find("<circle") == std::string::npos);
    profile.samples.resize(40000, profile.samples.front());
    CHECK(page::samples_picture(profile).size() < some.size() * 2);
}
