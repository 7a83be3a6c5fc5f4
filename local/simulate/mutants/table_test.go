package mutants_test

import "slices"

// mutants are the safeguards, each switched off.
func mutants() []mutant {
	return slices.Concat(claimMutants(), callMutants(), revisionMutants(), verdictMutants(), endMutants(), waitMutants(), outcomeMutants(), backMutants(), quarantineMutants(), holdMutants(), sweepMutants(), rightMutants())
}
