#include <cstdlib>
#include <nlohmann/json.hpp>

#include "advisor/io/manifest_reader.hpp"
#include "advisor/io/manifest_value.hpp"
#include "advisor/io/yaml_text.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace amorsize;

/// What the reader takes must survive being written into a plan and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::read(data, size, [](std::string_view text) {
        const std::string written =
            yaml_text(manifest_value(parse_manifest(text, "job.yaml", "/jobs")));
        std::string again;
        try {
            again = yaml_text(manifest_value(parse_manifest(written, "job.yaml", "/jobs")));
        } catch (const Error&) {
        }
        if (again != written) std::abort();
    });
}
