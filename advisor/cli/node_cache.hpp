#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "advisor/cli/surroundings.hpp"
#include "advisor/core/cluster.hpp"

namespace amorsize::cli {

/// Where figures are kept between runs: $XDG_CACHE_HOME/amorsize or ~/.cache/amorsize; empty if
/// there is no such place.
std::string cache_folder(const Surroundings&);
/// A short number for a long text: names a file, guards nothing.
std::uint64_t fingerprint(const std::string& text);

/// Figures of this node that take seconds to measure, kept between runs in the user's cache folder.
/// The file's name is made from the hardware key and the boot: after a change of either it is not
/// found any more.
class NodeCache {
public:
    NodeCache(const Surroundings&, const std::string& hardware_key, const std::string& boot_id);

    /// Nothing if there is none, or none that can be read.
    std::optional<NodeFigures> read() const;
    /// Best effort: a cache that cannot be written costs the next run some seconds, nothing else.
    void write(const NodeClass&) const;

private:
    std::string path_;  ///< empty: no folder to keep it in
};

}  // namespace amorsize::cli
