#pragma once

namespace amorsize {

/// Where the ranks of a node keep what PMIx tells them. PMIx 4.2 takes shared memory by default,
/// and ranks crash there now and then as they start under srun (seen in 10 of 70 starts, in none of
/// 70 with the store below).
inline constexpr const char* kPmixStoreVariable = "PMIX_MCA_gds";
inline constexpr const char* kSafePmixStore = "hash";

}  // namespace amorsize
