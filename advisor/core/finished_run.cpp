#include "advisor/core/finished_run.hpp"

namespace amorsize {

std::string argument_shape(const std::vector<std::string>& arguments) {
    std::string shape;
    for (const std::string& argument : arguments) {
        if (!shape.empty()) shape += ' ';
        bool in_number = false;
        for (const char letter : argument) {
            const bool digit = letter >= '0' && letter <= '9';
            if (!digit) shape += letter;
            if (digit && !in_number) shape += '#';
            in_number = digit;
        }
    }
    return shape;
}

}  // namespace amorsize
