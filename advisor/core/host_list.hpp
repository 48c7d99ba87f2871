#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace amorsize {

/// A set of node names, kept and written as ranges as Slurm writes them: "n[1-4,7],login". Its size
/// in memory and as text grows with the gaps, not with the nodes. The number that ranges run over
/// is the last one of the first label, so "n12.site" counts as n[12].site; leading zeros are kept.
class HostList {
public:
    HostList() = default;
    explicit HostList(const std::string& host) { add(host); }
    /// Reads what text() writes; nothing if the brackets or ranges make no sense.
    static std::optional<HostList> parse(std::string_view text);

    void add(const std::string& host);
    void add(const HostList&);
    /// The names in this list that are not in the other one.
    HostList without(const HostList&) const;

    bool contains(const std::string& host) const;
    bool empty() const { return names_.empty(); }
    std::int64_t size() const;
    std::string text() const;
    /// The first so many names, one by one.
    std::vector<std::string> names(std::size_t most) const;

    friend bool operator==(const HostList&, const HostList&) = default;

private:
    /// Names that differ in their number alone. `digits` is 0 for a name without one.
    struct Pattern {
        std::string prefix;
        std::string suffix;
        int digits = 0;
        friend auto operator<=>(const Pattern&, const Pattern&) = default;
    };
    using Ranges = std::map<std::uint64_t, std::uint64_t>;  ///< first to last, neither touching nor
                                                            ///< overlapping
    static std::pair<Pattern, std::uint64_t> split(const std::string& host);
    static void add_range(Ranges&, std::uint64_t first, std::uint64_t last);
    static bool parse_word(std::string_view word, HostList&);
    bool parse_range(const Pattern& around, std::string_view range);

    std::map<Pattern, Ranges> names_;
};

}  // namespace amorsize
