# Busy work: five steps for each of n cubed.
BEGIN {
    steps = 5 * n * n * n
    for (i = 0; i < steps; i++) sum += i
    print n, sum
}
