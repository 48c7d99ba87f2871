#include "advisor/io/samples_reader.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace amorsize;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::read(data, size,
                      [](std::string_view text) { parse_samples(text, "samples.csv"); });
}
