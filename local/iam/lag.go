package iam

import (
	"fmt"
	"time"
)

// past is a role as it was before it was changed, and until when it still counts.
type past struct {
	Role  *Role     `json:"role"`
	Until time.Time `json:"until"`
}

// mostLag bounds how long a change may take.
const mostLag = time.Hour

// Lag lets changes of the policies and the trust of roles take effect this much later from now on, as IAM's eventual
// consistency allows; 0, as it is at first, is at once. Changes of a role that follow each other within that time count
// together. Which of its parts lags behind, AWS does not say:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
func (s *Service) Lag(d time.Duration) error {
	if d < 0 || d > mostLag {
		return fmt.Errorf("a change of a policy takes between 0 and %v, not %v", mostLag, d)
	}
	s.state.Lag = d
	return nil
}

// remember keeps a role as it is before it is changed, for as long as the change takes.
func (s *Service) remember(r *Role) {
	if s.state.Lag == 0 {
		return
	}
	if s.state.Past == nil {
		s.state.Past = map[string]*past{}
	}
	was := s.effective(r)
	if was == r {
		was = r.clone()
	}
	s.state.Past[r.Name] = &past{Role: was, Until: s.w.Now().Add(s.state.Lag)}
}

// effective is the role as it counts now.
func (s *Service) effective(r *Role) *Role {
	if len(s.state.Past) == 0 {
		return r
	}
	was, ok := s.state.Past[r.Name]
	if !ok || was.Role.ID != r.ID || !s.w.Now().Before(was.Until) {
		return r
	}
	return was.Role
}
