#include "advisor/io/manifest_reader.hpp"

#include <filesystem>

#include "advisor/io/diagnostics.hpp"
#include "advisor/io/manifest_section.hpp"
#include "advisor/io/read_file.hpp"
#include "advisor/io/yaml_section.hpp"
#include "advisor/io/yaml_tree.hpp"

namespace amorsize {

Manifest parse_manifest(std::string_view text, const std::string& file_name,
                        const std::string& directory) {
    const std::string_view body = without_bom(text);
    Diagnostics faults(file_name, body);
    const auto root = yaml::parse(body, faults);
    auto top = yaml::top_section(root, "manifest", faults);
    if (!top) faults.throw_if_any();
    Manifest manifest =
        manifest_of(*top, std::filesystem::path(file_name).stem().string(), directory);
    faults.throw_if_any();
    return manifest;
}

Manifest read_manifest(const std::string& path) {
    const std::string text = read_text_file(path, "manifest", yaml::TreeLimits{}.bytes);
    return parse_manifest(text, path, absolute_directory_of(path));
}

}  // namespace amorsize
