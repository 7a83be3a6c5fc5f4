package steps

import (
	"context"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"fairlead/local/lambda"
	"fairlead/local/world"
)

// flight is a function while it runs, in a goroutine of its own, so that it can die. It stops at each of its calls and
// hands over; the lab lets it go on when the call has arrived. No two goroutines of a lab ever run at once.
type flight struct {
	lab      *Lab
	job      lambda.Job
	due      time.Time // when it goes on
	deadline time.Time // when Lambda stops it
	begun    bool
	calling  bool          // it waits for a call to arrive
	stopped  bool          // Lambda has ended it; its last call is still under way
	dead     bool          // its goroutine is to end, and none of its calls reaches AWS any more
	stalled  bool          // the answer to its present call comes after Lambda has stopped it
	over     bool          // its goroutine has ended
	within   *flight       // the one within whose call it runs; nil if there is none
	baton    chan struct{} // taken by the function to go on
	back     chan struct{} // taken by the lab when the function has stopped at a call, or ended
	cancel   context.CancelFunc
	result   world.Invoked
}

// launch puts the functions that are pending under way.
func (l *Lab) launch() {
	var jobs []lambda.Job
	l.Core.Quietly(func(*world.World) { jobs = l.Lambda.Take() })
	for _, job := range jobs {
		begin := l.now.Add(l.weather.Start(job.Definition.Handler))
		l.flights = append(l.flights, &flight{lab: l, job: job, due: begin, deadline: begin.Add(job.Definition.Timeout),
			baton: make(chan struct{}), back: make(chan struct{}), result: lambda.Crashed("signal: killed")})
	}
}

// nextFlight is the function that goes on next and when: the oldest of those that are due first. A function within
// whose call this one runs does not count.
func (l *Lab) nextFlight() (*flight, time.Time) {
	var first *flight
	for _, f := range l.flights {
		if !f.busy() && (first == nil || f.next().Before(first.next())) {
			first = f
		}
	}
	if first == nil {
		return nil, time.Time{}
	}
	return first, first.next()
}

// busy says whether the function runs now, or would if nothing ran within its call.
func (f *flight) busy() bool {
	for up := f.lab.flying; up != nil; up = up.within {
		if up == f {
			return true
		}
	}
	return false
}

// next is when something becomes of the flight: it goes on, or Lambda stops it.
func (f *flight) next() time.Time {
	if f.stopped || f.due.Before(f.deadline) {
		return f.due
	}
	return f.deadline
}

// goOn lets the function go on, or die, until it stops at its next call or ends.
func (l *Lab) goOn(f *flight) {
	if !f.stopped && !f.due.Before(f.deadline) {
		l.timeOut(f)
		return
	}
	f.run()
	if !f.over {
		return
	}
	l.flights = slices.DeleteFunc(l.flights, func(other *flight) bool { return other == f })
	if !f.stopped {
		l.Core.Do(func(*world.World) { l.Lambda.Complete(f.job.ID, f.result) })
	}
}

// timeOut ends a function as Lambda does at its timeout. A call that is under way may arrive nevertheless.
func (l *Lab) timeOut(f *flight) {
	f.stopped = true
	if !f.calling || !l.weather.Arrives() {
		f.dead = true
		f.due = l.now
	}
	l.Core.Do(func(*world.World) { l.Lambda.Complete(f.job.ID, lambda.TimedOut(f.job.ID, f.job.Definition.Timeout)) })
}

// Ground ends all functions that are under way, as if the lab's AWS had never heard of them again.
func (l *Lab) Ground() {
	for _, f := range l.flights {
		f.dead = true
		f.run()
	}
	l.flights = nil
}

// run hands the baton to the function and waits until it comes back.
func (f *flight) run() {
	if f.dead && !f.begun {
		f.over = true
		return
	}
	f.within, f.lab.flying = f.lab.flying, f
	if f.begun {
		f.baton <- struct{}{}
	} else {
		f.begin()
	}
	<-f.back
	f.lab.flying = f.within
}

// begin starts the function's goroutine.
func (f *flight) begin() {
	f.begun = true
	ctx, cancel := context.WithCancel(context.Background())
	f.cancel = cancel
	go func() {
		defer func() {
			f.over = true
			f.cancel()
			f.back <- struct{}{}
		}()
		if result := f.invoke(ctx); !f.dead {
			f.result = result
		}
	}()
}

func (f *flight) invoke(ctx context.Context) world.Invoked {
	if f.job.Refused != "" {
		return lambda.Crashed(f.job.Refused)
	}
	build, ok := functions(f)[f.job.Definition.Handler]
	if !ok {
		return lambda.Crashed("there is no function " + f.job.Definition.Handler)
	}
	rt, err := f.lab.runtime(f.job, f)
	if err != nil {
		return lambda.Crashed(err.Error())
	}
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
		AwsRequestID: f.job.ID, InvokedFunctionArn: f.job.Definition.ARN})
	reply, err := build(rt)(ctx, f.job.Payload)
	if err != nil {
		return failure(err)
	}
	return world.Invoked{Payload: reply}
}

// travel lets a call take its time to arrive.
func (f *flight) travel(r *http.Request) {
	if f == nil {
		return
	}
	f.live()
	if d := f.lab.weather.Call(operation(r)); d > 0 {
		f.calling = true
		f.sleep(d)
		f.calling = false
	}
}

// operation is the name of the operation that a request asks for; "AssumeRole" is the one that no header names.
func operation(r *http.Request) string {
	if _, name, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		return name
	}
	if r.Method == http.MethodGet {
		return "download"
	}
	return "AssumeRole"
}

// answered is where a function dies that was killed at its present call: whichever of the SDK's goroutines made the call
// gets no answer and ends, and the function with it.
func (f *flight) answered() {
	if f == nil {
		return
	}
	if f.stopped {
		f.dead = true
	}
	f.live()
	if f.stalled {
		f.sleep(f.deadline.Sub(f.lab.now) + time.Second)
	}
}

// live ends the goroutine if the function is dead. Where that is one of the SDK's, the function's own ends at its context.
func (f *flight) live() {
	if f.dead {
		f.cancel()
		runtime.Goexit()
	}
}

// sleep hands over to the lab until d has passed.
func (f *flight) sleep(d time.Duration) {
	f.due = f.lab.now.Add(d)
	f.back <- struct{}{}
	<-f.baton
	if !f.stopped || f.dead {
		f.live()
	}
}

// backoff is how long the SDK waits before it repeats a call: on the lab's clock.
func (f *flight) backoff(attempt int, _ error) (time.Duration, error) {
	if f != nil {
		f.live()
		if d := f.lab.weather.Backoff(attempt); d > 0 {
			f.sleep(d)
		}
	}
	return 0, nil
}

// Now is the function's clock.
func (f *flight) Now() time.Time { return f.lab.now }

// Wait is the wait of a function's clock.
func (f *flight) Wait(ctx context.Context, d time.Duration) error {
	f.live()
	f.sleep(d)
	return ctx.Err()
}

// Kill lets the function that runs die at its present call, as a process that is killed does. It is for tampering
// ([world.Core.Tamper]): before or after the call's effect.
func (l *Lab) Kill() { l.flying.dead = true }

// Stall lets the function that runs wait for the answer to its present call until Lambda stops it at its timeout. It is for
// tampering as well: before or after the call's effect.
func (l *Lab) Stall() { l.flying.stalled = true }

// Calling is the name of the function that makes the present call, "" where a person does. It is for tampering too.
func (l *Lab) Calling() string {
	if l.flying == nil {
		return ""
	}
	return l.flying.job.Definition.Handler
}
