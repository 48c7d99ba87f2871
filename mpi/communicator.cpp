#include "mpi/communicator.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

#include "advisor/core/error.hpp"
#include "advisor/core/pmix.hpp"

namespace amorsize::mpi {

namespace {

constexpr std::int64_t kLargestMessage = 1 << 28;

std::vector<std::string> cut(const std::string& all, const std::vector<int>& lengths) {
    std::vector<std::string> texts;
    std::size_t at = 0;
    for (const int length : lengths) {
        texts.push_back(all.substr(at, static_cast<std::size_t>(length)));
        at += static_cast<std::size_t>(length);
    }
    return texts;
}

std::vector<int> offsets(const std::vector<int>& lengths) {
    std::vector<int> result(lengths.size());
    for (std::size_t i = 1; i < lengths.size(); ++i) result[i] = result[i - 1] + lengths[i - 1];
    return result;
}

std::size_t total(const std::vector<int>& lengths) {
    std::size_t sum = 0;
    for (const int length : lengths) sum += static_cast<std::size_t>(length);
    return sum;
}

}  // namespace

void check(int code, const char* action) {
    if (code == MPI_SUCCESS) return;
    std::array<char, MPI_MAX_ERROR_STRING> text{};
    int length = 0;
    MPI_Error_string(code, text.data(), &length);
    throw Error(ExitCode::environment, std::string("MPI could not ") + action + ": " + text.data(),
                "see whether a program of two ranks that only starts and ends works under the same "
                "launcher");
}

Environment::Environment() {
    ::setenv(kPmixStoreVariable, kSafePmixStore, 0);
    int provided = 0;
    check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided), "start");
}

Environment::~Environment() {
    MPI_Finalize();
}

Communicator Communicator::world() {
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    return Communicator(MPI_COMM_WORLD);
}

Communicator Communicator::duplicate() const {
    MPI_Comm copy = MPI_COMM_NULL;
    check(MPI_Comm_dup(handle_, &copy), "duplicate a communicator");
    return Communicator(copy);
}

Communicator Communicator::on_node() const {
    MPI_Comm node = MPI_COMM_NULL;
    check(MPI_Comm_split_type(handle_, MPI_COMM_TYPE_SHARED, rank(), MPI_INFO_NULL, &node),
          "group the ranks of a node");
    return Communicator(node);
}

Communicator Communicator::self() {
    MPI_Comm copy = MPI_COMM_NULL;
    check(MPI_Comm_dup(MPI_COMM_SELF, &copy), "duplicate a communicator");
    return Communicator(copy);
}

std::optional<Communicator> Communicator::of_members(bool member) const {
    MPI_Comm members = MPI_COMM_NULL;
    check(MPI_Comm_split(handle_, member ? 0 : MPI_UNDEFINED, rank(), &members), "group ranks");
    if (!member) return std::nullopt;
    return Communicator(members);
}

Communicator::~Communicator() {
    if (handle_ != MPI_COMM_NULL && handle_ != MPI_COMM_WORLD) MPI_Comm_free(&handle_);
}

int Communicator::rank() const {
    int value = 0;
    MPI_Comm_rank(handle_, &value);
    return value;
}

int Communicator::size() const {
    int value = 1;
    MPI_Comm_size(handle_, &value);
    return value;
}

std::string Communicator::broadcast(std::string text) const {
    auto length = static_cast<std::int64_t>(text.size());
    check(MPI_Bcast(&length, 1, MPI_INT64_T, 0, handle_), "broadcast");
    text.resize(static_cast<std::size_t>(length));
    for (std::int64_t at = 0; at < length; at += kLargestMessage) {
        const int part = static_cast<int>(std::min(kLargestMessage, length - at));
        check(MPI_Bcast(text.data() + at, part, MPI_BYTE, 0, handle_), "broadcast");
    }
    return text;
}

std::vector<int> Communicator::lengths(const std::string& text) const {
    const int own = static_cast<int>(text.size());
    std::vector<int> all(static_cast<std::size_t>(size()));
    check(MPI_Allgather(&own, 1, MPI_INT, all.data(), 1, MPI_INT, handle_), "gather");
    return all;
}

std::vector<std::string> Communicator::gather(const std::string& text) const {
    const std::vector<int> each = lengths(text);
    const bool root = rank() == 0;
    std::string all(root ? total(each) : 0, '\0');
    check(MPI_Gatherv(text.data(), static_cast<int>(text.size()), MPI_BYTE, all.data(), each.data(),
                      offsets(each).data(), MPI_BYTE, 0, handle_),
          "gather");
    return root ? cut(all, each) : std::vector<std::string>{};
}

std::vector<std::string> Communicator::gather_everywhere(const std::string& text) const {
    const std::vector<int> each = lengths(text);
    std::string all(total(each), '\0');
    check(MPI_Allgatherv(text.data(), static_cast<int>(text.size()), MPI_BYTE, all.data(),
                         each.data(), offsets(each).data(), MPI_BYTE, handle_),
          "gather");
    return cut(all, each);
}

}  // namespace amorsize::mpi
