package elb

import (
	"fmt"
	"strconv"
	"time"
)

// Answers is how a target answers health checks.
type Answers struct {
	From   time.Duration // after its registration: before, nobody listens
	Until  time.Duration // from then on it answers badly; 0: never
	Badly  Badly         // how it answers then; empty: it refuses the connection
	Always bool          // it answers badly from the beginning on
}

// Badly is how a target answers that is not well: with an HTTP status, or in one of the other ways.
type Badly string

// The ways that are no HTTP status.
const (
	Timeout Badly = "timeout" // it does not answer in time
	Refused Badly = "refused" // nobody listens at its port
)

// CheckBadly says what is wrong with a way to answer badly; nil if a target can.
func CheckBadly(way string) error {
	code, err := strconv.Atoi(way)
	if Badly(way) == Timeout || Badly(way) == Refused || err == nil && code >= 400 && code <= 599 {
		return nil
	}
	return fmt.Errorf("a target answers badly with an HTTP status such as 503, with timeout or with refused")
}

// health is what a load balancer says of a target that answers so.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html#target-health-reason-codes
func (b Badly) health() Health {
	switch b {
	case Timeout:
		return Health{Unhealthy, "Target.Timeout", "Request timed out"}
	case Refused, "":
		return Health{Unhealthy, "Target.FailedHealthChecks", "Health checks failed"}
	default:
		return Health{Unhealthy, "Target.ResponseCodeMismatch", "Health checks failed with these codes: [" + string(b) + "]"}
	}
}

// at is how a target answers some time after its registration; nil if well.
func (a Answers) at(elapsed time.Duration) *Badly {
	refused := Refused
	switch {
	case a.Always || a.Until > 0 && elapsed >= a.Until:
		return &a.Badly
	case elapsed < a.From:
		return &refused
	default:
		return nil
	}
}

// settled says that it will go on answering as it does.
func (a Answers) settled(elapsed time.Duration) bool {
	return a.Always || elapsed >= a.From && elapsed >= a.Until
}

// registering is how long a registration takes. Assumed.
const registering = 5 * time.Second

// course follows the health checks, one in each interval from the registration on, for as long as they change anything:
// one success makes a new target healthy, as many as the thresholds change it later.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
func (s *Service) course(a settings, answers Answers) []turn {
	turns := []turn{
		{s.w.Now(), Health{Initial, "Elb.RegistrationInProgress", "Target registration is in progress"}},
		{s.after(registering), Health{Initial, "Elb.InitialHealthChecking", "Initial health checks in progress"}},
	}
	interval, state, well, ill := time.Duration(a.Interval)*time.Second, Initial, 0, 0
	for elapsed := interval; ; elapsed += interval {
		badly, next := answers.at(elapsed), Health{State: Healthy}
		if badly == nil {
			well, ill = well+1, 0
		} else {
			well, ill, next = 0, ill+1, badly.health()
		}
		enough := state == Initial && well > 0 || well >= int(a.Healthy) || ill >= int(a.Unhealthy)
		if enough && state != next.State {
			state = next.State
			turns = append(turns, turn{s.after(elapsed), next})
		}
		if answers.settled(elapsed) && state == next.State {
			return turns
		}
	}
}
