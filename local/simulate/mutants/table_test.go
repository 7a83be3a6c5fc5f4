package mutants_test

import "slices"

// mutants are the safeguards, each switched off.
func mutants() []mutant {
	return slices.Concat(claimMutants(), callMutants(), revisionMutants(), verdictMutants(), endMutants(), outcomeMutants(), backMutants(), quarantineMutants(), holdMutants(), sweepMutants())
}
