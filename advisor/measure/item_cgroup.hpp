#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "advisor/core/units.hpp"
#include "advisor/measure/file_descriptor.hpp"

namespace amorsize::measure {

/// A place in the cgroup file system below which we may make groups that account for memory.
struct CgroupBase {
    std::string path;  ///< absolute
    int version = 2;
};

/// Our own memory cgroup (version 1 or 2) if we may make groups below it. With version 2 a group
/// that holds processes cannot have children with controllers, so there the parent is taken
/// instead, provided that our own group sets no limit which the item would escape. Nothing on most
/// clusters, where users may do neither.
std::optional<CgroupBase> find_cgroup_base();

/// A group for the processes of one item. Counting costs nothing: the kernel does it for every
/// group anyway.
class ItemCgroup {
public:
    /// Makes base/name; nothing if that is refused or the kernel does not record a peak there.
    static std::optional<ItemCgroup> make(const CgroupBase& base, const std::string& name);

    ItemCgroup(ItemCgroup&& other) noexcept
        : path_(std::exchange(other.path_, {})),
          version_(other.version_),
          procs_(std::move(other.procs_)) {}
    ItemCgroup& operator=(ItemCgroup&&) = delete;
    ~ItemCgroup();

    /// An open cgroup.procs: writing "0" moves the writer in.
    int procs() const { return procs_.get(); }
    /// The most that was ever charged, page cache of the files read and written included.
    Bytes peak() const;
    /// File pages charged now that the kernel could drop at any time.
    Bytes page_cache() const;
    /// Charged now, without such file pages.
    Bytes in_use() const;
    int threads() const;
    std::vector<pid_t> processes() const;

private:
    ItemCgroup(std::string path, int version, FileDescriptor procs)
        : path_(std::move(path)), version_(version), procs_(std::move(procs)) {}

    std::string path_;
    int version_;
    FileDescriptor procs_;
};

}  // namespace amorsize::measure
