package stories_test

import (
	"fmt"

	"fairlead/shared/edge/ledger"
)

// A path is a course of events of which a matrix is made: something is done to each call that Fairlead makes in it, one
// at a time, and it must end well nevertheless. It is written in the words of the stories.
type path struct {
	before string // what happens before the calls are counted
	deeds  string
	wants  string // how it must end, whatever is done to a call
}

// paths are the courses that a deployment can take, by how they end.
func paths() map[string]path {
	return map[string]path{
		"Deployed": {deeds: "push first\nsettle",
			wants: "executions 1\nexecution 1 Deployed\nruns first\nrollouts 2\nrevisions first 1\nevents 1 1\nparameter first\nquarantined first no"},
		"Skipped": {before: "push first\nsettle", deeds: "push first tag=second\nsettle",
			wants: "executions 2\nexecution 2 Skipped\nruns first\nrollouts 2\nrevisions first 1\nregistered 1\nupdates 1\nevents 2 1\nparameter first\nquarantined first no"},
		"Rejected": {before: "push first\nsettle", deeds: "push arm platforms=linux/arm64\nsettle",
			wants: "executions 2\nexecution 2 Rejected\nruns first\nrollouts 2\nrevisions arm 0\nregistered 1\nevents 2 1\nparameter first\nquarantined arm no"},
		"Quarantined": {before: "push first\nsettle\npush broken local.unhealthy=true\nsettle", deeds: "again 2\nsettle",
			wants: "executions 3\nexecution 3 Skipped\nsays 3 is in quarantine since\nruns first\nrollouts 3\nrevisions broken 1\nregistered 2\nevents 3 1\nparameter first\nquarantined broken yes"},
		"RolledBack": {deeds: "push broken local.unhealthy=true\nsettle",
			wants: "executions 1\nexecution 1 RolledBack\nruns base\nrollouts 2\nrevisions broken 1\nupdates 1\nstops 0\nevents 1 1\nparameter none\nquarantined broken yes"},
		"PointedBack": {before: "breaker stop", deeds: "push broken local.unhealthy=true\nsettle",
			wants: "executions 1\nexecution 1 RolledBack\nruns base\nrollouts 3\nrevisions broken 1\nupdates 2\nstops 0\nevents 1 1\nparameter none\nquarantined broken yes"},
		"Stopped": {before: "breaker rollback 50", deeds: "push broken local.exit=1\nsettle",
			wants: "executions 1\nexecution 1 RolledBack\nruns base\nrollouts 2\nrevisions broken 1\nupdates 1\nstops 1\nevents 1 1\nparameter none\nquarantined broken yes"},
		"Overdue": {before: "breaker off", deeds: "push broken local.unhealthy=true\nsettle",
			wants: "executions 1\nexecution 1 RolledBack\nruns base\nrollouts 2\nrevisions broken 1\nupdates 1\nstops 1\nevents 1 1\nparameter none\nquarantined broken yes"},
		"CopyPointedBack": {before: "breaker stop\npush first\nsettle", deeds: "push broken local.unhealthy=true\npass 30s\nderegister 2\nsettle",
			wants: "executions 2\nexecution 2 RolledBack\nruns first\nrollouts 4\nrevisions broken 1\nupdates 3\nevents 2 1\nparameter first\nquarantined broken yes"},
		"Stuck": {before: "push bad local.unhealthy=true\nsettle\nperson bad\ncontroller ECS", deeds: "push broken local.unhealthy=true\nsettle",
			wants: "executions 2\nexecution 2 Stuck\nruns broken\nrevisions broken 1\nupdates 2\nstops 0\nevents 2 1\nparameter none\nquarantined broken yes"},
		// Nothing but report-outcome tells of an end in a state.
		"Failed": {before: "deny fairlead-web-update ecs:UpdateService", deeds: "push first\nsettle\npass 10m",
			wants: "executions 1\nexecution 1 Failed\nruns base\nrollouts 1\nupdates 0\noutcomes 1 Failed\nparameter none\nquarantined first no"},
		"Mended": {before: "deny fairlead-web-register ecs:RegisterTaskDefinition",
			deeds: "push first\nsettle\npass 10m\nundeny fairlead-web-register\nredrive 1\nsettle",
			wants: "executions 1\nexecution 1 Deployed\nruns first\nrollouts 2\nrevisions first 1\noutcomes 1 Failed Deployed\nparameter first\nquarantined first no"},
		"Scanned": {before: "gates {\"scan\":{\"severity\":\"HIGH\",\"timeout\":\"15m\"}}", deeds: "push first local.scan=4m\nsettle",
			wants: "executions 1\nexecution 1 Deployed\nruns first\nrollouts 2\nrevisions first 1\nevents 1 1\nparameter first\nquarantined first no"},
		// The sweep comes each quarter of an hour, and leaves what is new to its events for five minutes.
		"Swept": {before: "push first\nsettle\npass 20m\nlose\npush second", deeds: "pass 30m\nsettle",
			wants: "executions 2\nexecution 2 Deployed\nruns second\nrollouts 3\nrevisions second 1\nevents 2 1\nparameter second\nquarantined second no"},
		"Left": {before: "push first\nsettle\nbreaker stop\npush second local.exit=1\npass 20s\nstop 2", deeds: "pass 35m\nsettle",
			wants: "executions 3\nexecution 2 Failed\nexecution 3 RolledBack\nruns first\nrollouts 4\nrevisions second 1\nupdates 3\nstops 0\noutcomes 2 Failed\nevents 3 1\nparameter first\nquarantined second yes"},
		"TakenBack": {before: "breaker rollback 3\npush first\nsettle\npush second local.exit=1\npass 20s\nstop 2", deeds: "pass 35m\nsettle",
			wants: "executions 2\nexecution 2 RolledBack\nruns first\nrollouts 3\nrevisions second 1\nupdates 2\nstops 0\noutcomes 2 Failed RolledBack\nparameter first\nquarantined second yes"},
		"Unreported": {before: "push first\nsettle\ndeny fairlead-web-register ecs:RegisterTaskDefinition\npush second\npass 5s\nlose aws.states\nsettle", deeds: "pass 35m",
			wants: "executions 2\nexecution 2 Failed\nruns first\nrollouts 2\nrevisions second 0\noutcomes 2 Failed\nparameter first\nquarantined second no"},
		"Held": {before: "push first\nsettle\npass 20m\nhold", deeds: "push second\nsettle\nlift\npass 30m\nsettle",
			wants: "executions 3\nexecution 2 Skipped\nexecution 3 Deployed\nruns second\nrollouts 3\nrevisions second 1\nevents 2 1\nevents 3 1\nparameter second\nquarantined second no"},
		// A second push that is held up for a minute lets the first one finish, and then that was deployed.
		"Superseded": {deeds: "push first\npass 40s\npush second\nsettle",
			wants: "executions 2\nexecution 1 Superseded|Deployed\nhonest\nexecution 2 Deployed\nruns second\nrevisions first 0-1\nrevisions second 1\nevents 1 1\nevents 2 1\nparameter second\nquarantined first no\nquarantined second no"},
		"Racing": {deeds: "push first\npass 1s\npush second\nsettle",
			wants: "executions 2\nexecution 1 Superseded\nexecution 2 Deployed\nruns second\nrevisions first 0-1\nrevisions second 1\nevents 1 1\nevents 2 1\nparameter second\nquarantined first no\nquarantined second no"},
		"GoingBack": {before: "push first\nsettle\npush second\nsettle",
			deeds: "start back {\"service\":\"web\",\"tag\":\"<tag:first>\",\"allowOlder\":{\"replaces\":\"<digest:second>\"}}\nsettle\nagain 2\nsettle",
			wants: "executions 4\nexecution 3 Deployed\nexecution 4 Superseded\nruns first\nrollouts 4\nrevisions first 2\nevents 3 1\nevents 4 1\nparameter first\nquarantined second no"},
	}
}

// wantQuarantined asks the ledger whether an image is in quarantine.
func (s *story) wantQuarantined(args []string) error {
	client, table := s.ledger()
	_, found, err := ledger.NewQuarantined(client, table).Quarantined(s.Context(), service, s.digests[args[0]])
	if want := args[1] == "yes"; err == nil && found != want {
		err = fmt.Errorf("that is %v", found)
	}
	return err
}
