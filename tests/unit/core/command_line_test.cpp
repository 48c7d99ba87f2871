#include "advisor/core/command_line.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "advisor/core/error.hpp"
#include "advisor/core/worker_environment.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
using Argv = std::vector<std::string>;

namespace {

Command list(Argv argv) {
    return {std::move(argv), false};
}
Command shell(std::string text) {
    return {{std::move(text)}, true};
}
Assignment item(std::string text) {
    return {{std::move(text)}, 0, 0, 0};
}

/// What the expanded command prints.
std::string output_of(const Argv& argv) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::dup2(ends[1], STDOUT_FILENO);
        ::close(ends[0]);
        ::close(ends[1]);
        std::vector<char*> pointers;
        for (const std::string& argument : argv)
            pointers.push_back(const_cast<char*>(argument.c_str()));
        pointers.push_back(nullptr);
        ::execvp(pointers[0], pointers.data());
        ::_exit(127);
    }
    ::close(ends[1]);
    std::string output;
    std::array<char, 4096> buffer;
    for (ssize_t got = 0; (got = ::read(ends[0], buffer.data(), buffer.size())) > 0;) {
        output.append(buffer.data(), static_cast<std::size_t>(got));
    }
    ::close(ends[0]);
    ::waitpid(pid, nullptr, 0);
    return output;
}

/// Items that a shell would like to take apart.
const Argv kNasty = {"plain",
                     "two words",
                     "  edges  ",
                     "it's",
                     "\"double\"",
                     "$(echo pwned)",
                     "`echo pwned`",
                     "${HOME}",
                     "a;echo pwned",
                     "line\nbreak",
                     "-rf",
                     "*",
                     "~",
                     "\\",
                     "a\\nb",
                     "'; echo pwned; '",
                     "\"; echo pwned; \"",
                     "EOF\necho pwned",
                     "!x",
                     "#c",
                     "{item}",
                     "\xff\xfe"};

}  // namespace

TEST_CASE("placeholders are replaced inside each argument of a list") {
    const Assignment assignment{{"a b"}, 7, 2, 3};
    CHECK(
        expand_command(list({"./x", "--in={item}", "{index}/{rank}/{worker}", "{other}", "{item"}),
                       assignment) == Argv{"./x", "--in=a b", "7/2/3", "{other}", "{item"});
}

TEST_CASE("an item in a list command stays one argument whatever it holds") {
    for (const std::string& text : kNasty) {
        CHECK(expand_command(list({"x", "{item}"}), item(text)) == Argv{"x", text});
    }
}

TEST_CASE("items as an argument of their own become one argument each") {
    const Assignment chunk{{"a", "b c", ""}, 4, 0, 0};
    CHECK(expand_command(list({"x", "{items}", "end"}), chunk) == Argv{"x", "a", "b c", "", "end"});
    CHECK(expand_command(list({"x", "--all={items}"}), chunk) == Argv{"x", "--all=a b c "});
}

TEST_CASE("an item reaches a shell command whole, wherever it stands") {
    const std::string texts[] = {"printf %s {item}",
                                 "printf %s \"{item}\"",
                                 "printf %s '{item}'",
                                 "printf %s ''{item}",
                                 "printf %s $'{item}'",
                                 "x=$(printf '%sX' {item}); printf %s \"${x%X}\"",
                                 "x=\"$(printf '%sX' \"{item}\")\"; printf %s \"${x%X}\"",
                                 "x=`printf '%sX' {item}`; printf %s \"${x%X}\"",
                                 "# don't mind \"this\nprintf %s {item}",
                                 "f() { printf %s {item}; }; f other",
                                 "echo $((1 << 2)) >/dev/null\nprintf %s {item}",
                                 "echo \\' \\\" >/dev/null; printf %s {item}",
                                 "printf %s \"$(cat <<EOF\n'{item}\nEOF\n)\" | tail -c +2",
                                 "cat <<<x >/dev/null; printf %s {item}"};
    for (const std::string& text : texts) {
        for (const std::string& nasty : kNasty) {
            INFO(text);
            INFO(nasty);
            CHECK(output_of(expand_command(shell(text), item(nasty))) == nasty);
        }
    }
}

TEST_CASE("an item inside ANSI quotes follows an escaped quote") {
    CHECK(output_of(expand_command(shell("printf %s $'\\'{item}'"), item("a b"))) == "'a b");
}

TEST_CASE("a here-document takes items until its delimiter") {
    const std::string text =
        "cat <<EOF\n\"{item}\" it's\nEOF\nprintf %s {item}; cat <<-'A' <<B\n\tA\nit's {item}\nB\n";
    CHECK(output_of(expand_command(shell(text), item("$(x) 'y'"))) ==
          "\"$(x) 'y'\" it's\n$(x) 'y'it's $(x) 'y'\n");
}

TEST_CASE("a here-document that expands nothing cannot take an item") {
    CHECK_THROWS_AS(expand_command(shell("cat <<'EOF'\n{item}\nEOF"), item("a")), Error);
}

TEST_CASE("items of a chunk are separate words of a shell command") {
    const Assignment chunk{{"a", "b c", "$(x)"}, 0, 0, 0};
    CHECK(output_of(expand_command(shell("printf '[%s]' {items}"), chunk)) == "[a][b c][$(x)]");
    CHECK(output_of(expand_command(shell("printf '[%s]' \"{items}\""), chunk)) == "[a b c $(x)]");
}

TEST_CASE("a shell command sees no arguments of ours") {
    CHECK(output_of(expand_command(shell("printf '%s:' $# {item}"), item("a"))) == "0:a:");
}

TEST_CASE("a NUL in an item is refused") {
    CHECK_THROWS_AS(expand_command(list({"x", "{item}"}), item(std::string("a\0b", 3))), Error);
}

TEST_CASE("{item} for a whole chunk is refused") {
    CHECK_THROWS_AS(expand_command(list({"x", "{item}"}), Assignment{{"a", "b"}, 0, 0, 0}), Error);
    CHECK_THROWS_AS(expand_command(shell("x {item}"), Assignment{}), Error);
}

TEST_CASE("a command is shown as a person would type it") {
    CHECK(shell_quoted(Argv{"./x", "a b", "it's", "", "--k=v"}) == "./x 'a b' 'it'\\''s' '' --k=v");
    for (const std::string& nasty : kNasty) {
        CHECK(output_of({"bash", "-c", "printf %s " + shell_quoted(std::string_view(nasty))}) ==
              nasty);
    }
}

TEST_CASE(
    "a worker's environment holds thread counts and what it works on, the manifest's words last") {
    Manifest manifest;
    manifest.resources.threads = 4;
    manifest.environment = {{"OMP_NUM_THREADS", "2"}, {"DATA", "/d"}};
    const auto variables = worker_environment(manifest, {{"seven"}, 7, 1, 3});
    CHECK(variables.at("OMP_NUM_THREADS") == "2");
    CHECK(variables.at("OPENBLAS_NUM_THREADS") == "4");
    CHECK(variables.at("AMORSIZE_ITEM") == "seven");
    CHECK(variables.at("AMORSIZE_WORKER") == "3");
    CHECK(variables.at("DATA") == "/d");
    manifest.mode = Mode::stream;
    CHECK(worker_environment(manifest, {{"seven"}, 7, 1, 3}).count("AMORSIZE_ITEM") == 0);
}

TEST_CASE("changes replace inherited variables and leave the others") {
    CHECK(with_changes({"A=1", "AB=2", "C=x=y"}, {{"A", "9"}, {"Z", ""}}) ==
          Argv{"AB=2", "C=x=y", "A=9", "Z="});
}
